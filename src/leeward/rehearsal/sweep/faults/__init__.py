"""The faults of a sweep: their IDs, the baseline run that lists them, and the injector.

May import session.
"""
