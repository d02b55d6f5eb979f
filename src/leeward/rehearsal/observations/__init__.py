"""Observes the world of a session: when a step's task succeeds, when the routing changes, and what is unprotected.

Nothing here calls the simulated AWS through a handler, so a run takes the same course with and without it. `session`
uses it.
"""
