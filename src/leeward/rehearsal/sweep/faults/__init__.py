"""The faults of a sweep: their IDs, the baseline run that lists them, and their order.

May import end_state.
"""
