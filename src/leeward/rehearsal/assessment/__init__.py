"""Builds the result of a run from the observations of a session: objectives, invariants, lost writes, leftover
resources, and exported evidence. May import session and the packages below it.
"""
