"""SVG figures, colours and text formatting for the report. Imports nothing else of `report`."""
