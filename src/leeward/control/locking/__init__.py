"""The application lock, one run at a time, and the items that record it.

May import control.journal, control.run and control.outcome.
"""
