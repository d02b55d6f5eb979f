"""What a run itself costs: Step Functions, Lambda and DynamoDB, at list prices of us-east-1 in US dollars of 2026.

An estimate to compare runs by, not a bill: free tiers are left out, and so are the recovered servers, which cost what
they cost as long as they run.
"""

from __future__ import annotations

from collections.abc import Mapping

_TRANSITION = 0.025 / 1_000
_INVOCATION, _GIB_SECOND = 0.20 / 1_000_000, 0.0000166667
_FUNCTION_GIB, _FUNCTION_SECONDS = 0.25, 0.8
_WRITE, _READ = 0.625 / 1_000_000, 0.125 / 1_000_000
_EVENT = 1.0 / 1_000_000
_WRITES = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
_READS = ("dynamodb:GetItem", "dynamodb:Query")


def estimate_dollars(transitions: int, invocations: int, calls: Mapping[str, int]) -> float:
    """For so many state transitions, Lambda invocations (256 MiB, 0.8 s each) and calls of AWS."""
    functions = invocations * (_INVOCATION + _FUNCTION_GIB * _FUNCTION_SECONDS * _GIB_SECOND)
    writes, reads = (sum(calls.get(name, 0) for name in names) for names in (_WRITES, _READS))
    events = calls.get("events:PutEvents", 0) * _EVENT
    return round(transitions * _TRANSITION + functions + writes * _WRITE + reads * _READ + events, 4)
