"""The CloudWatch dashboard of one Region.

It shows the runs and their outcomes, measured RTO and RPO against the objectives, approval times, readiness, task
metrics, replication lag, and the signals about the origin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leeward.common.naming.telemetry_names import RUN_DIMENSIONS, SERVICE, RunMetric
from leeward.infra.inputs import watch_config
from leeward.infra.inputs.deployment_plan import DeploymentPlan
from leeward.state_machines.active_routing import is_practice_runbook
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.deployment import readiness_event, trigger_definitions

_FULL_WIDTH, _HALF_WIDTH, _WIDGET_HEIGHT = 24, 12, 6
_DAY_SECONDS = 86_400
# Runs are rare, so these widgets have one bar per day over a quarter, the interval in which a drill is due.
_LAST_QUARTER = "-P90D"


def build_dashboard_body(plan: DeploymentPlan, region: str) -> dict[str, Any]:
    """Return the dashboard body as CloudWatch expects it (Dashboard Body Structure and Syntax)."""
    rows: list[tuple[int, int, dict[str, Any]]] = [
        (_FULL_WIDTH, 2, {"type": "text", "properties": {"markdown": _build_heading(plan, region)}}),
        (_HALF_WIDTH, _WIDGET_HEIGHT, _build_outcomes_widget(plan, region)),
        (_HALF_WIDTH, _WIDGET_HEIGHT, _build_readiness_widget(plan, region)),
        *(
            (_HALF_WIDTH, _WIDGET_HEIGHT, _build_objectives_widget(built, region))
            for built in plan.runbooks_entering(region)
            if _moves_traffic(built)
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
            _build_metric_widget("Task activity", region, [[{"expression": _task_metrics_search(plan)}]], "Sum"),
        ),
    ]
    if list(plan.application.components_of_kind(ServerGroupComponent)):
        search = "SEARCH('{AWS/DRS,SourceServerID} MetricName=\"LagDuration\"', 'Maximum', 300)"
        rows.append(
            (
                _HALF_WIDTH,
                _WIDGET_HEIGHT,
                _build_metric_widget("Replication lag (s)", region, [[{"expression": search}]], "Maximum"),
            )
        )
    for built in plan.runbooks_entering(region):
        signals = trigger_definitions.signal_alarms(built.application, built.runbook)
        if signals:
            metrics: list[Any] = [
                [s.namespace, s.metric, *(part for pair in s.dimensions.items() for part in pair)] for s in signals
            ]
            title = f"Signals about {built.compiled.run_regions.origin}, for {built.runbook.runbook}"
            rows.append((_HALF_WIDTH, _WIDGET_HEIGHT, _build_metric_widget(title, region, metrics, "Maximum")))
    return {"widgets": _place_widgets(rows)}


def _build_heading(plan: DeploymentPlan, region: str) -> str:
    entering = ", ".join(built.runbook.runbook for built in plan.runbooks_entering(region)) or "none"
    return f"# {plan.name} in {region}\nRunbooks that target this Region: {entering}"


def _build_outcomes_widget(plan: DeploymentPlan, region: str) -> dict[str, Any]:
    ends = [
        _run_metric(built, metric, f"{built.runbook.runbook} {word}", color=colour)
        for built in plan.runbooks_entering(region)
        for metric, word, colour in (
            (RunMetric.SUCCEEDED, "succeeded", "#2ca02c"),
            (RunMetric.FAILED, "failed", "#d62728"),
        )
    ]
    return _build_metric_widget(
        "Outcomes of runs, last quarter", region, ends, "Sum", period=_DAY_SECONDS, view="bar", start=_LAST_QUARTER
    )


def _build_readiness_widget(plan: DeploymentPlan, region: str) -> dict[str, Any]:
    checked = readiness_event.select_checked_runbooks(plan.runbooks, region)
    if not checked:
        text = "Readiness of this application is checked in its standby Region."
        return {"type": "text", "properties": {"markdown": text}}
    scores: list[Any] = [
        [
            trigger_definitions.METRIC_NAMESPACE, readiness_event.SCORE_METRIC, "Application", plan.name,
            "Runbook", built.runbook.runbook,
            {"label": f"{built.runbook.runbook}: checks passed (%)"},
        ]
        for built in checked
    ]  # fmt: skip
    limits = {"yAxis": {"left": {"min": 0, "max": 100}}}
    return _merge_properties(_build_metric_widget("Readiness", region, scores, "Minimum", period=1800), limits)


def _build_objectives_widget(built: BuiltRunbook, region: str) -> dict[str, Any]:
    """Return a widget with the RTO and RPO of the runs that moved users, compared with the objectives."""
    metrics = [
        _run_metric(built, RunMetric.RTO_SECONDS, "RTO"),
        _run_metric(built, RunMetric.RPO_SECONDS, "RPO"),
    ]
    objectives = built.application.objectives
    lines = [
        {"label": "RTO objective", "value": int(objectives.rto.total_seconds())},
        {"label": "RPO objective", "value": int(objectives.rpo.total_seconds())},
    ]
    widget = _build_metric_widget(
        f"{built.runbook.runbook}: RTO and RPO (s), last quarter",
        region,
        metrics,
        "Maximum",
        period=_DAY_SECONDS,
        start=_LAST_QUARTER,
    )
    return _merge_properties(widget, {"annotations": {"horizontal": lines}})


def _build_approvals_widget(plan: DeploymentPlan, region: str) -> dict[str, Any]:
    """Return a widget with how long runs waited for an answer, and how often none arrived."""
    metrics = [
        _run_metric(built, metric, f"{built.runbook.runbook}: {word}", stat=stat)
        for built in plan.runbooks_entering(region)
        for metric, word, stat in (
            (RunMetric.QUESTION_SECONDS, "wait for an answer (s)", "Maximum"),
            (RunMetric.QUESTION_LAPSED, "no answer", "Sum"),
        )
    ]
    return _build_metric_widget(
        "Waiting for an answer, last quarter", region, metrics, "Maximum", period=_DAY_SECONDS, start=_LAST_QUARTER
    )


def _moves_traffic(built: BuiltRunbook) -> bool:
    return not is_practice_runbook(built.runbook)


def _run_metric(built: BuiltRunbook, metric: RunMetric, label: str, **options: str) -> list[Any]:
    values = (SERVICE, built.application.application, built.runbook.runbook)
    dimensions = [part for pair in zip(RUN_DIMENSIONS, values, strict=True) for part in pair]
    return [trigger_definitions.METRIC_NAMESPACE, metric.value, *dimensions, {"label": label, **options}]


def _execution_metrics(plan: DeploymentPlan, region: str) -> list[Any]:
    ends = ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsAborted", "ExecutionsTimedOut")
    return [
        [
            "AWS/States",
            end,
            "StateMachineArn",
            watch_config.state_machine_arn(built),
            {"label": f"{built.runbook.runbook}: {end}"},
        ]
        for built in plan.runbooks_entering(region)
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
    properties = {
        "title": title,
        "region": region,
        "metrics": list(metrics),
        "stat": statistic,
        "period": period,
        "view": view,
    }
    if start is not None:
        properties |= {"start": start, "end": "P0D", "setPeriodToTimeRange": False}
    return {"type": "metric", "properties": properties}


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
