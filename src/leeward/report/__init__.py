"""The report of a run: one HTML file with everything in it, drawn from the evidence alone.

Imports `evidence`, and what the extra `report` installs (matplotlib, fast-sugiyama, Jinja2); knows no twin and no AWS.
Imported by `cli`.
"""
