"""Logs, traces, CloudWatch metrics, run events, and messages. May import runtime.invocation."""
