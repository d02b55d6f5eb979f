"""The dashboard of one Region: what runs and how it ended, what was promised and what was measured, who was waited for,
would it succeed now, what is told of it, how far the copies lag, how the origin looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leeward.common.signals import RUN_DIMENSIONS, SERVICE, RunMetric
from leeward.infra import watching
from leeward.infra.plan import Plan
from leeward.state_machines import readiness, triggers
from leeward.state_machines.components import Servers
from leeward.state_machines.in_use import rehearses
from leeward.state_machines.tree import Ready

_WIDE, _HALF, _HIGH = 24, 12, 6
_DAY = 86_400
# Runs are rare: a bar for each day over the quarter in which a drill is due, where alarms look at minutes.
_QUARTER = "-P90D"


def body(plan: Plan, region: str) -> dict[str, Any]:
    """As CloudWatch takes it (Dashboard Body Structure and Syntax)."""
    rows: list[tuple[int, int, dict[str, Any]]] = [
        (_WIDE, 2, {"type": "text", "properties": {"markdown": _heading(plan, region)}}),
        (_HALF, _HIGH, _ended(plan, region)),
        (_HALF, _HIGH, _ready(plan, region)),
        *((_HALF, _HIGH, _measured(ready, region)) for ready in plan.entering(region) if _moves(ready)),
        (_HALF, _HIGH, _asked(plan, region)),
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


def _ended(plan: Plan, region: str) -> dict[str, Any]:
    ends = [
        _of_run(ready, metric, f"{ready.runbook.runbook} {word}", color=colour)
        for ready in plan.entering(region)
        for metric, word, colour in (
            (RunMetric.SUCCEEDED, "succeeded", "#2ca02c"),
            (RunMetric.FAILED, "failed", "#d62728"),
        )
    ]
    return _graph("Runs by their own word, a quarter", region, ends, "Sum", period=_DAY, view="bar", start=_QUARTER)


def _ready(plan: Plan, region: str) -> dict[str, Any]:
    looked = readiness.looked_at(plan.runbooks, region)
    if not looked:
        text = "Readiness looks at this application from its standby Region."
        return {"type": "text", "properties": {"markdown": text}}
    scores: list[Any] = [
        [
            triggers.NAMESPACE, readiness.SCORE, "Application", plan.name, "Runbook", ready.runbook.runbook,
            {"label": f"{ready.runbook.runbook}: checks that are well (%)"},
        ]
        for ready in looked
    ]  # fmt: skip
    limits = {"yAxis": {"left": {"min": 0, "max": 100}}}
    return _with(_graph("Would it succeed now?", region, scores, "Minimum", period=1800), limits)


def _measured(ready: Ready, region: str) -> dict[str, Any]:
    """RTO and RPO of the runs that moved users, each against its objective."""
    told = [
        _of_run(ready, RunMetric.RTO_SECONDS, "RTO"),
        _of_run(ready, RunMetric.RPO_SECONDS, "RPO"),
    ]
    objectives = ready.application.objectives
    lines = [
        {"label": "RTO promised", "value": int(objectives.rto.total_seconds())},
        {"label": "RPO promised", "value": int(objectives.rpo.total_seconds())},
    ]
    made = _graph(
        f"{ready.runbook.runbook}: RTO and RPO (s), a quarter", region, told, "Maximum", period=_DAY, start=_QUARTER
    )
    return _with(made, {"annotations": {"horizontal": lines}})


def _asked(plan: Plan, region: str) -> dict[str, Any]:
    """How long runs waited for a person, and how often nobody came."""
    told = [
        _of_run(ready, metric, f"{ready.runbook.runbook}: {word}", stat=stat)
        for ready in plan.entering(region)
        for metric, word, stat in (
            (RunMetric.QUESTION_SECONDS, "waited for a person (s)", "Maximum"),
            (RunMetric.QUESTION_LAPSED, "nobody answered", "Sum"),
        )
    ]
    return _graph("Waiting for a person, a quarter", region, told, "Maximum", period=_DAY, start=_QUARTER)


def _moves(ready: Ready) -> bool:
    return not rehearses(ready.runbook)


def _of_run(ready: Ready, metric: RunMetric, label: str, **options: str) -> list[Any]:
    values = (SERVICE, ready.application.application, ready.runbook.runbook)
    named = [part for pair in zip(RUN_DIMENSIONS, values, strict=True) for part in pair]
    return [triggers.NAMESPACE, metric.value, *named, {"label": label, **options}]


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


def _graph(
    title: str,
    region: str,
    metrics: Sequence[Any],
    statistic: str,
    *,
    period: int = 300,
    view: str = "timeSeries",
    start: str | None = None,
) -> dict[str, Any]:
    told = {
        "title": title,
        "region": region,
        "metrics": list(metrics),
        "stat": statistic,
        "period": period,
        "view": view,
    }
    if start is not None:
        told |= {"start": start, "end": "P0D", "setPeriodToTimeRange": False}
    return {"type": "metric", "properties": told}


def _with(graph: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    return graph | {"properties": graph["properties"] | more}


def _placed(rows: list[tuple[int, int, dict[str, Any]]]) -> list[dict[str, Any]]:
    placed, x, y, highest = [], 0, 0, 0
    for width, height, widget in rows:
        if x + width > _WIDE:
            x, y, highest = 0, y + highest, 0
        placed.append({"x": x, "y": y, "width": width, "height": height} | widget)
        x, highest = x + width, max(highest, height)
    return placed
