"""Step Functions calls: task tokens, redrives, operator questions, and starting an execution.

May import runtime.invocation and runtime.telemetry.
"""
