"""Compares what the steps of a run claim with the world at that moment.

A step that is done journals claims, such as "this run holds the lock". `run_claims` collects the evidence of a run,
`claim_checks` compares each claim with the observation of its step, and the others check one type of claim each.
"""
