"""Estimates the cost of a run: Step Functions, Lambda, DynamoDB, and EventBridge, at list prices.

Prices are those of us-east-1 in US dollars of 2026. Use the estimate to compare runs; it is not a bill. It ignores free
tiers and excludes the recovered servers.
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
    """Return the estimated cost in US dollars.

    `invocations` are Lambda invocations, of 256 MiB and 0.8 s each. `calls` counts AWS calls by `service:Operation`.
    """
    functions = invocations * (_INVOCATION + _FUNCTION_GIB * _FUNCTION_SECONDS * _GIB_SECOND)
    writes, reads = (sum(calls.get(name, 0) for name in names) for names in (_WRITES, _READS))
    events = calls.get("events:PutEvents", 0) * _EVENT
    return round(transitions * _TRANSITION + functions + writes * _WRITE + reads * _READ + events, 4)
