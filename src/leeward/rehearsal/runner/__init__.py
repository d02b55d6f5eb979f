"""Runs complete rehearsals: a single run, rounds of failover and failback, a run from a trigger, all routing variants.

May import every package below it. `cli` and `sweep` import it.
"""
