"""Observes the world whenever a task of a step succeeds, so that the step's claims can be checked afterwards.

Nothing here calls the simulated AWS through a handler, so a run takes the same course with and without it. `session`
uses it.
"""
