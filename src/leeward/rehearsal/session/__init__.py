"""A session: an open world in which runs start, with their journals, the operator, and the unprotected intervals.

May import worlds, incidents, invariants, scenarios, and results.
"""
