"""Runs whole rehearsals: one run, rounds of failover and failback, from an alarm or schedule, under each routing
variant. May import everything below; imported by cli and sweep.
"""
