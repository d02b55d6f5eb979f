"""The declared end state: what a run may change, which follows from what its steps declare.

May import end_state.
"""
