"""Compares what the steps of a run claim with the world at the moment of the claim.

A step that is done journals claims, such as "this run holds the lock". `step_observer` observes the world whenever a
step's task succeeds, and `claim_checks` compares each claim with the observation. Nothing here calls the simulated AWS
through a handler, so a run takes the same course with and without it. May import `worlds` and `results`.
"""
