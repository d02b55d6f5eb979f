"""The dashboard of one Region: what runs and how it ended, what was promised and what was measured, who was waited for,
would it succeed now, what is told of it, how far the copies lag, how the origin looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leeward.common.naming.telemetry_names import RUN_DIMENSIONS, SERVICE, RunMetric
from leeward.infra.inputs import watch_config
from leeward.infra.inputs.deployment_plan import DeploymentPlan
from leeward.state_machines.active_routing import is_practice_runbook
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.components import ServerGroupComponent
from leeward.state_machines.deployment import readiness_event, trigger_definitions

_FULL_WIDTH, _HALF_WIDTH, _WIDGET_HEIGHT = 24, 12, 6
_DAY_SECONDS = 86_400
# Runs are rare: a bar for each day over the quarter in which a drill is due, where alarms look at minutes.
_LAST_QUARTER = "-P90D"


def build_dashboard_body(plan: DeploymentPlan, region: str) -> dict[str, Any]:
    """As CloudWatch takes it (Dashboard Body Structure and Syntax)."""
    rows: list[tuple[int, int, dict[str, Any]]] = [
        (_FULL_WIDTH, 2, {"type": "text", "properties": {"markdown": _build_heading(plan, region)}}),
        (_HALF_WIDTH, _WIDGET_HEIGHT, _build_outcomes_widget(plan, region)),
        (_HALF_WIDTH, _WIDGET_HEIGHT, _build_readiness_widget(plan, region)),
        *(
            (_HALF_WIDTH, _WIDGET_HEIGHT, _build_objectives_widget(ready, region))
            for ready in plan.runbooks_entering(region)
            if _moves_traffic(ready)
        ),
        (_HALF_WIDTH, _WIDGET_HEIGHT, _build_approvals_widget(plan, region)),
        (_HALF_WIDTH, _WIDGET_HEIGHT, _build_metric_widget("Runs", region, _execution_metrics(plan, region), "Sum")),
        (
            _HALF_WIDTH,
            _WIDGET_HEIGHT,
            _build_metric_widget("Silent for (s)", region, _silence_metrics(plan), "Maximum"),
        ),
        (
            _HALF_WIDTH,
            _WIDGET_HEIGHT,
            _build_metric_widget("What tasks did", region, [[{"expression": _task_metrics_search(plan)}]], "Sum"),
        ),
    ]
    if list(plan.application.components_of_kind(ServerGroupComponent)):
        search = "SEARCH('{AWS/DRS,SourceServerID} MetricName=\"LagDuration\"', 'Maximum', 300)"
        rows.append(
            (
                _HALF_WIDTH,
                _WIDGET_HEIGHT,
                _build_metric_widget("Replication's lag (s)", region, [[{"expression": search}]], "Maximum"),
            )
        )
    for ready in plan.runbooks_entering(region):
        signals = trigger_definitions.signal_alarms(ready.application, ready.runbook)
        if signals:
            told: list[Any] = [
                [s.namespace, s.metric, *(part for pair in s.dimensions.items() for part in pair)] for s in signals
            ]
            title = f"{ready.compiled.run_regions.origin} from outside, for {ready.runbook.runbook}"
            rows.append((_HALF_WIDTH, _WIDGET_HEIGHT, _build_metric_widget(title, region, told, "Maximum")))
    return {"widgets": _place_widgets(rows)}


def _build_heading(plan: DeploymentPlan, region: str) -> str:
    entering = ", ".join(ready.runbook.runbook for ready in plan.runbooks_entering(region)) or "none"
    return f"# {plan.name} in {region}\nRunbooks that enter this Region: {entering}"


def _build_outcomes_widget(plan: DeploymentPlan, region: str) -> dict[str, Any]:
    ends = [
        _run_metric(ready, metric, f"{ready.runbook.runbook} {word}", color=colour)
        for ready in plan.runbooks_entering(region)
        for metric, word, colour in (
            (RunMetric.SUCCEEDED, "succeeded", "#2ca02c"),
            (RunMetric.FAILED, "failed", "#d62728"),
        )
    ]
    return _build_metric_widget(
        "Runs by their own word, a quarter", region, ends, "Sum", period=_DAY_SECONDS, view="bar", start=_LAST_QUARTER
    )


def _build_readiness_widget(plan: DeploymentPlan, region: str) -> dict[str, Any]:
    looked = readiness_event.select_checked_runbooks(plan.runbooks, region)
    if not looked:
        text = "Readiness looks at this application from its standby Region."
        return {"type": "text", "properties": {"markdown": text}}
    scores: list[Any] = [
        [
            trigger_definitions.METRIC_NAMESPACE, readiness_event.SCORE_METRIC, "Application", plan.name,
            "Runbook", ready.runbook.runbook,
            {"label": f"{ready.runbook.runbook}: checks that are well (%)"},
        ]
        for ready in looked
    ]  # fmt: skip
    limits = {"yAxis": {"left": {"min": 0, "max": 100}}}
    return _merge_properties(
        _build_metric_widget("Would it succeed now?", region, scores, "Minimum", period=1800), limits
    )


def _build_objectives_widget(ready: BuiltRunbook, region: str) -> dict[str, Any]:
    """RTO and RPO of the runs that moved users, each against its objective."""
    told = [
        _run_metric(ready, RunMetric.RTO_SECONDS, "RTO"),
        _run_metric(ready, RunMetric.RPO_SECONDS, "RPO"),
    ]
    objectives = ready.application.objectives
    lines = [
        {"label": "RTO promised", "value": int(objectives.rto.total_seconds())},
        {"label": "RPO promised", "value": int(objectives.rpo.total_seconds())},
    ]
    made = _build_metric_widget(
        f"{ready.runbook.runbook}: RTO and RPO (s), a quarter",
        region,
        told,
        "Maximum",
        period=_DAY_SECONDS,
        start=_LAST_QUARTER,
    )
    return _merge_properties(made, {"annotations": {"horizontal": lines}})


def _build_approvals_widget(plan: DeploymentPlan, region: str) -> dict[str, Any]:
    """How long runs waited for a person, and how often nobody came."""
    told = [
        _run_metric(ready, metric, f"{ready.runbook.runbook}: {word}", stat=stat)
        for ready in plan.runbooks_entering(region)
        for metric, word, stat in (
            (RunMetric.QUESTION_SECONDS, "waited for a person (s)", "Maximum"),
            (RunMetric.QUESTION_LAPSED, "nobody answered", "Sum"),
        )
    ]
    return _build_metric_widget(
        "Waiting for a person, a quarter", region, told, "Maximum", period=_DAY_SECONDS, start=_LAST_QUARTER
    )


def _moves_traffic(ready: BuiltRunbook) -> bool:
    return not is_practice_runbook(ready.runbook)


def _run_metric(ready: BuiltRunbook, metric: RunMetric, label: str, **options: str) -> list[Any]:
    values = (SERVICE, ready.application.application, ready.runbook.runbook)
    named = [part for pair in zip(RUN_DIMENSIONS, values, strict=True) for part in pair]
    return [trigger_definitions.METRIC_NAMESPACE, metric.value, *named, {"label": label, **options}]


def _execution_metrics(plan: DeploymentPlan, region: str) -> list[Any]:
    ends = ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsAborted", "ExecutionsTimedOut")
    return [
        [
            "AWS/States",
            end,
            "StateMachineArn",
            watch_config.state_machine_arn(ready),
            {"label": f"{ready.runbook.runbook}: {end}"},
        ]
        for ready in plan.runbooks_entering(region)
        for end in ends
    ]


def _silence_metrics(plan: DeploymentPlan) -> list[Any]:
    return [[trigger_definitions.METRIC_NAMESPACE, watch_config.RUN_SILENT_METRIC, "Application", plan.name]]


def _task_metrics_search(plan: DeploymentPlan) -> str:
    return (
        f"SEARCH('{{{trigger_definitions.METRIC_NAMESPACE},application,service,task}} "
        f"application=\"{plan.name}\"', 'Sum', 300)"
    )


def _build_metric_widget(
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


def _merge_properties(graph: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    return graph | {"properties": graph["properties"] | more}


def _place_widgets(rows: list[tuple[int, int, dict[str, Any]]]) -> list[dict[str, Any]]:
    placed, x, y, highest = [], 0, 0, 0
    for width, height, widget in rows:
        if x + width > _FULL_WIDTH:
            x, y, highest = 0, y + highest, 0
        placed.append({"x": x, "y": y, "width": width, "height": height} | widget)
        x, highest = x + width, max(highest, height)
    return placed
