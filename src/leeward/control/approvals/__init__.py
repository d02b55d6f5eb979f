"""Approvals and other questions to operators: the approval policy, caller identity, answers, and the summary.

May import control.journal, control.run, and control.outcome.
"""
