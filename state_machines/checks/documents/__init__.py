"""Checks that compare a machine with its documents, one part of it each.

document_calls   functions, what is passed to them, and how their errors are handled
document_places  Regions, accounts, and the time of a run
step_order       no path leads to a change past the steps that must precede it
"""
