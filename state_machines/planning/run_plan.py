"""The plan of one run, as one model for the terminal, for `--json`, and for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict

from leeward.kinds.descriptors.effects import Effect
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.checks.cross_region_calls import find_cross_region_calls
from leeward.state_machines.compile.runbook_compiler import CompiledStep
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.planning.costs import CostEstimate, estimate_costs
from leeward.state_machines.planning.estimates.duration_percentiles import DurationPercentiles
from leeward.state_machines.planning.estimates.expected_path import PathCounts, count_expected_path
from leeward.state_machines.planning.estimates.measured_durations import MeasuredDurations
from leeward.state_machines.planning.estimates.step_estimates import (
    add_durations,
    counts_towards_rto,
    estimate_step,
)
from leeward.state_machines.step_kinds.plan_values import QuotaUse
from leeward.state_machines.step_kinds.step_behavior import has_effect, list_quota_use, list_step_costs
from leeward.state_machines.step_kinds.step_effects import Launch
from leeward.state_machines.step_kinds.step_model import StepModel


class _PlanModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlannedStep(_PlanModel):
    """One step: its duration in seconds, and what it touches. `critical` marks the steps that take the longest."""

    number: int
    name: str
    kind: str
    p50_seconds: float
    p95_seconds: float
    source: str
    waves: tuple[tuple[str, ...], ...]
    touches: tuple[str, ...]
    asks: bool
    users_wait: bool
    critical: bool
    leaves_target: tuple[str, ...]


class CostLine(_PlanModel):
    """One cost in US dollars."""

    what: str
    dollars: float


class PlannedQuota(_PlanModel):
    """The most that one step uses of an AWS quota, and the quota's default value."""

    quota: str
    used: int
    default: int


class RunPlan(_PlanModel):
    """The output of `leeward plan`. `rto_p50_seconds` and `rto_p95_seconds` are None when no step moves users."""

    application: str
    runbook: str
    origin: str
    target: str
    steps: tuple[PlannedStep, ...]
    p50_seconds: float
    p95_seconds: float
    rto_objective_seconds: int
    rto_p50_seconds: float | None
    rto_p95_seconds: float | None
    run_costs: tuple[CostLine, ...]
    month_costs: tuple[CostLine, ...]
    not_counted: tuple[str, ...]
    quotas: tuple[PlannedQuota, ...]


def plan_run(built: BuiltRunbook, measured: MeasuredDurations | None = None) -> RunPlan:
    """Plan a run of a valid runbook.

    Steps run in sequence, so the run takes as long as all steps together. Within a wave, groups run in parallel, and
    the slowest counts.
    """
    application, steps, compiled = built.application, built.runbook.steps, built.compiled
    estimates = [
        (step, info, estimate_step(step, info.id, application, measured))
        for step, info in zip(steps, compiled.steps, strict=True)
    ]
    total = add_durations([one.duration for _, _, one in estimates])
    rto_durations = [
        one.duration
        for position, (step, _, one) in enumerate(estimates)
        if counts_towards_rto(step, position, steps, built.runbook.direction)
    ]
    rto = add_durations(rto_durations) if rto_durations else None
    longest = max(one.duration.p50 for _, _, one in estimates)
    cross_region_calls = _cross_region_calls(built)
    counts = count_expected_path(compiled.machine, {info.id: one.duration.p50 for _, info, one in estimates})
    costs = _estimate_run_costs(built, counts, total)
    return RunPlan(
        application=application.application,
        runbook=built.runbook.runbook,
        origin=compiled.run_regions.origin,
        target=compiled.run_regions.target,
        steps=tuple(
            PlannedStep(
                number=number,
                name=step.name,
                kind=step.kind,
                p50_seconds=one.duration.p50,
                p95_seconds=one.duration.p95,
                source=one.source,
                waves=one.waves,
                touches=tuple(_touched_components(step)),
                asks=has_effect(step, Effect.ASKS_APPROVAL),
                users_wait=counts_towards_rto(step, number - 1, steps, built.runbook.direction),
                critical=one.duration.p50 == longest,
                leaves_target=tuple(sorted(set(cross_region_calls.get(info.id, ())))),
            )
            for number, (step, info, one) in enumerate(estimates, start=1)
        ),
        p50_seconds=total.p50,
        p95_seconds=total.p95,
        rto_objective_seconds=int(application.objectives.rto.total_seconds()),
        rto_p50_seconds=rto.p50 if rto else None,
        rto_p95_seconds=rto.p95 if rto else None,
        run_costs=tuple(CostLine(what=item.what, dollars=item.dollars) for item in costs.run),
        month_costs=tuple(CostLine(what=item.what, dollars=item.dollars) for item in costs.month),
        not_counted=costs.not_counted,
        quotas=tuple(_plan_quotas(built)),
    )


def _plan_quotas(built: BuiltRunbook) -> Iterator[PlannedQuota]:
    uses: dict[str, QuotaUse] = {}
    for step in built.runbook.steps:
        for use in list_quota_use(step, built.application):
            uses[use.quota] = max(uses.get(use.quota, use), use, key=lambda one: one.used)
    for use in uses.values():
        yield PlannedQuota(quota=use.quota, used=use.used, default=use.default)


def _touched_components(step: StepModel) -> Iterator[str]:
    """Yield the components and functions that the step refers to."""
    for field in ("groups", "targets"):
        yield from getattr(step, field, None) or ()
    for field in ("component", "function", "plan"):
        named = getattr(step, field, None)
        if isinstance(named, str):
            yield named


def _cross_region_calls(built: BuiltRunbook) -> Mapping[str, list[str]]:
    """Return, by step ID, the calls to Regions other than the target Region, with their purpose."""
    owners = {state: info for info in built.compiled.steps for state in _step_states(info)}
    calls: dict[str, list[str]] = {}
    for call in find_cross_region_calls(built.compiled.machine, built.compiled.run_regions):
        owner = owners.get(call.state)
        if owner is not None and call.state in owner.states:
            calls.setdefault(owner.id, []).append(f"{call.region}: {call.purpose}")
    return calls


def _step_states(info: CompiledStep) -> tuple[str, ...]:
    return info.states


def _estimate_run_costs(built: BuiltRunbook, counts: PathCounts, total: DurationPercentiles) -> CostEstimate:
    steps, application = built.runbook.steps, built.application
    hours = max(1.0, total.p50 / 3600)
    return estimate_costs(
        application,
        transitions=counts.transitions,
        calls=counts.calls,
        launched=sum(_count_launched_servers(step, application) for step in steps),
        hours=hours,
        extra=[item for step in steps for item in list_step_costs(step, application, hours)],
    )


def _count_launched_servers(step: StepModel, application: Application) -> int:
    launch = step.find_effect(Launch)
    if launch is None:
        return 0
    servers = dict(application.components_of_kind(ServerGroupComponent))
    return sum(servers[group].expect or 1 for group in launch.groups)
