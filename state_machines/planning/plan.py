"""The plan of one run: the same document for the screen, for `--json` and for a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict

from leeward.state_machines.checks.abroad import calls_abroad
from leeward.state_machines.compile.machine import StepInfo
from leeward.state_machines.components import Servers
from leeward.state_machines.documents.application import Application
from leeward.state_machines.planning.costs import Costs, costs
from leeward.state_machines.planning.defaults import Span
from leeward.state_machines.planning.estimate import Estimate, counts_towards_rto, estimate, total
from leeward.state_machines.planning.measured import Measured
from leeward.state_machines.steps import Step, kind_of
from leeward.state_machines.tree import Ready

# A step that waits looks about this often, and each look is a wait, a call and a choice.
_LOOK_SECONDS, _STATES_A_LOOK, _STATES_A_STEP = 30, 3, 3


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlannedStep(_Model):
    """One step: seconds, what it touches, on whom it depends. `critical` is the largest share of the time."""

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


class Line(_Model):
    """A line of a bill."""

    what: str
    dollars: float


class Plan(_Model):
    """What `leeward plan` tells. `rto_p95_seconds` is None where no step moves users."""

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
    run_costs: tuple[Line, ...]
    month_costs: tuple[Line, ...]
    not_counted: tuple[str, ...]


def plan(ready: Ready, measured: Measured | None = None) -> Plan:
    """Of a valid runbook. The time of a runbook is that of its steps one after the other: they are its critical path;
    within a step's wave the groups are side by side, and the slowest counts."""
    application, steps, compiled = ready.application, ready.runbook.steps, ready.compiled
    made = [
        (step, info, estimate(step, info.id, application, measured))
        for step, info in zip(steps, compiled.steps, strict=True)
    ]
    whole = total([one.span for _, _, one in made])
    waited = [
        one.span
        for position, (step, _, one) in enumerate(made)
        if counts_towards_rto(step, position, steps, ready.runbook.direction)
    ]
    users = total(waited) if waited else None
    longest = max(one.span.p50 for _, _, one in made)
    abroad = _abroad(ready)
    bill = _bill(ready, [(step, one) for step, _, one in made], whole)
    return Plan(
        application=application.application,
        runbook=ready.runbook.runbook,
        origin=compiled.way.origin,
        target=compiled.way.target,
        steps=tuple(
            PlannedStep(
                number=number,
                name=step.name,
                kind=step.kind,
                p50_seconds=one.span.p50,
                p95_seconds=one.span.p95,
                source=one.source,
                waves=one.waves,
                touches=tuple(_touches(step)),
                asks=step.kind == "approval.request",
                users_wait=counts_towards_rto(step, number - 1, steps, ready.runbook.direction),
                critical=one.span.p50 == longest,
                leaves_target=tuple(sorted(set(abroad.get(info.id, ())))),
            )
            for number, (step, info, one) in enumerate(made, start=1)
        ),
        p50_seconds=whole.p50,
        p95_seconds=whole.p95,
        rto_objective_seconds=int(application.objectives.rto.total_seconds()),
        rto_p50_seconds=users.p50 if users else None,
        rto_p95_seconds=users.p95 if users else None,
        run_costs=tuple(Line(what=item.what, dollars=item.dollars) for item in bill.run),
        month_costs=tuple(Line(what=item.what, dollars=item.dollars) for item in bill.month),
        not_counted=bill.not_counted,
    )


def _touches(step: Step) -> Iterator[str]:
    """The components and functions that the step names."""
    for field in ("groups", "targets"):
        yield from getattr(step, field, None) or ()
    for field in ("component", "function", "plan"):
        named = getattr(step, field, None)
        if isinstance(named, str):
            yield named


def _abroad(ready: Ready) -> Mapping[str, list[str]]:
    """By step id: where else than to the target it calls, and for what."""
    owners = {state: info for info in ready.compiled.steps for state in _states(info)}
    found: dict[str, list[str]] = {}
    for call in calls_abroad(ready.compiled.machine, ready.compiled.way):
        owner = owners.get(call.state)
        if owner is not None and call.state in owner.states:
            found.setdefault(owner.id, []).append(f"{call.region}: {call.what}")
    return found


def _states(info: StepInfo) -> tuple[str, ...]:
    return info.states


def _bill(ready: Ready, made: list[tuple[Step, Estimate]], whole: Span) -> Costs:
    lanes = [max(1, sum(len(wave) for wave in one.waves)) for _, one in made]
    looks = sum(int(one.span.p50 / _LOOK_SECONDS) * n for (_, one), n in zip(made, lanes, strict=True))
    transitions = _STATES_A_STEP * sum(lanes) + _STATES_A_LOOK * looks
    launched = sum(_launched(step, ready.application) for step, _ in made)
    return costs(ready.application, transitions, looks + sum(lanes), launched, max(1.0, whole.p50 / 3600))


def _launched(step: Step, application: Application) -> int:
    launch = kind_of(step).launch(step)
    if launch is None:
        return 0
    servers = dict(application.of_kind(Servers))
    return sum(servers[group].expect or 1 for group in launch.groups)
