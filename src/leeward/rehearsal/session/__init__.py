"""An open world in which runs are started and observed: the session, its runs, their journals, the operator on call,
unprotected intervals. May import worlds, incidents, invariants and results.
"""
