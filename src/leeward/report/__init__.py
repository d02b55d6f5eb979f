"""The report of a run: a self-contained HTML file, rendered from the run's evidence.

Needs the extra `report` (matplotlib, fast-sugiyama, Jinja2). Imports base and evidence, but not twin or AWS clients.
Imported by cli.
"""
