"""The dashboard of one Region: what runs, what is told of it, how far the copies lag, how the origin looks."""

from __future__ import annotations

from typing import Any

from infra import watching
from infra.plan import Plan
from state_machines import triggers
from state_machines.components import Servers

_WIDE, _HALF, _HIGH = 24, 12, 6


def body(plan: Plan, region: str) -> dict[str, Any]:
    """As CloudWatch takes it (Dashboard Body Structure and Syntax)."""
    rows: list[tuple[int, int, dict[str, Any]]] = [
        (_WIDE, 2, {"type": "text", "properties": {"markdown": _heading(plan, region)}}),
        (_HALF, _HIGH, _graph("Runs", region, _runs(plan, region), "Sum")),
        (_HALF, _HIGH, _graph("Silent for (s)", region, _silent(plan), "Maximum")),
        (_HALF, _HIGH, _graph("What tasks did", region, [[{"expression": _tasks(plan)}]], "Sum")),
    ]
    if list(plan.application.of_kind(Servers)):
        search = "SEARCH('{AWS/DRS,SourceServerID} MetricName=\"LagDuration\"', 'Maximum', 300)"
        rows.append((_HALF, _HIGH, _graph("Replication's lag (s)", region, [[{"expression": search}]], "Maximum")))
    for ready in plan.entering(region):
        signals = triggers.signal_alarms(ready.application, ready.runbook)
        if signals:
            told: list[Any] = [
                [s.namespace, s.metric, *(part for pair in s.dimensions.items() for part in pair)] for s in signals
            ]
            title = f"{ready.compiled.way.origin} from outside, for {ready.runbook.runbook}"
            rows.append((_HALF, _HIGH, _graph(title, region, told, "Maximum")))
    return {"widgets": _placed(rows)}


def _heading(plan: Plan, region: str) -> str:
    entering = ", ".join(ready.runbook.runbook for ready in plan.entering(region)) or "none"
    return f"# {plan.name} in {region}\nRunbooks that enter this Region: {entering}"


def _runs(plan: Plan, region: str) -> list[Any]:
    ends = ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsAborted", "ExecutionsTimedOut")
    return [
        [
            "AWS/States",
            end,
            "StateMachineArn",
            watching.machine_arn(ready),
            {"label": f"{ready.runbook.runbook}: {end}"},
        ]
        for ready in plan.entering(region)
        for end in ends
    ]


def _silent(plan: Plan) -> list[Any]:
    return [[triggers.NAMESPACE, watching.RUN_SILENT, "Application", plan.name]]


def _tasks(plan: Plan) -> str:
    return f"SEARCH('{{{triggers.NAMESPACE},application,service,task}} application=\"{plan.name}\"', 'Sum', 300)"


def _graph(title: str, region: str, metrics: list[Any], statistic: str) -> dict[str, Any]:
    told = {
        "title": title,
        "region": region,
        "metrics": metrics,
        "stat": statistic,
        "period": 300,
        "view": "timeSeries",
    }
    return {"type": "metric", "properties": told}


def _placed(rows: list[tuple[int, int, dict[str, Any]]]) -> list[dict[str, Any]]:
    placed, x, y, highest = [], 0, 0, 0
    for width, height, widget in rows:
        if x + width > _WIDE:
            x, y, highest = 0, y + highest, 0
        placed.append({"x": x, "y": y, "width": width, "height": height} | widget)
        x, highest = x + width, max(highest, height)
    return placed
