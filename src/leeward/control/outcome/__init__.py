"""How a run ended: end state, step outcomes, failure text, and next steps, all read from the journal.

May import control.journal and control.run.
"""
