"""SNS messages to operators and EventBridge events to machines.

May import control.journal, control.run and control.approvals.
"""
