"""Show the result of one rehearsal: steps, invariants, trigger, and verdict.

Imports `screens.rehearsal_failure`.
"""
