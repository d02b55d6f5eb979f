"""The application lock, which allows one run at a time, and its records in the state table.

May import control.journal, control.run, and control.outcome.
"""
