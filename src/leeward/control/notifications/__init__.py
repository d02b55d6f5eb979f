"""Notifications of a run: SNS messages to operators and EventBridge events to other systems.

May import control.journal, control.run, and control.approvals.
"""
