"""The charts of the report: timeline, traffic, and state graph. Imports report.drawing."""
