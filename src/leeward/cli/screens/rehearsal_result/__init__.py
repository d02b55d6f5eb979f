"""The report of one rehearsal on the terminal: steps, invariants, trigger, verdict.

Imports `screens.rehearsal_failure`.
"""
