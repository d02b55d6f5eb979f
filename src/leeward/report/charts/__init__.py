"""The charts of the report: timeline, traffic, state graph. Imports `report.drawing`."""
