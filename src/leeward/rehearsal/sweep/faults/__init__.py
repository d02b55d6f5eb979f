"""The faults of a sweep: their ids, the baseline run that lists them, the injector that makes them happen.

May import session.
"""
