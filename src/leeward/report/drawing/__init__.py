"""SVG figures, colours, and text formatting for the report. Imports no other folder of report."""
