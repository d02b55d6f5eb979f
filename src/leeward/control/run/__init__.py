"""A run's input and reference, the index of runs, takeover predecessors, step durations, and notes between calls.

May import control.journal.
"""
