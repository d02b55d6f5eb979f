"""The outcome of a run, read from its journal: end state, step outcomes, failure text, and next steps.

May import control.journal and control.run.
"""
