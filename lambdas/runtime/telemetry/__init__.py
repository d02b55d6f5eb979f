"""Logs, traces, CloudWatch metrics, and a run's events and messages. May import runtime.invocation."""
