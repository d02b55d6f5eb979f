"""How long each step takes, and all of them: waves one after the other, groups of a wave side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.fragments.actions.server_groups import launch_waves
from leeward.state_machines.planning.default_durations import DEFAULT_DURATIONS, DurationPercentiles
from leeward.state_machines.planning.measured_durations import MeasuredDurations
from leeward.state_machines.steps import AnyStep, kind_of
from leeward.state_machines.steps.route53_shift import Route53ShiftStep
from leeward.state_machines.steps.wait import TimedWaitStep


@dataclass(frozen=True, slots=True)
class StepEstimate:
    """One step's time, the waves it is made of, and where the figures come from."""

    duration: DurationPercentiles
    waves: tuple[tuple[str, ...], ...]
    source: str


def estimate_step(
    step: AnyStep, step_id: str, application: Application, measured: MeasuredDurations | None
) -> StepEstimate:
    """Measured where enough runs have; else what the document says; else stated. Never more than the step may take."""
    waves = _launch_waves(step, application)
    found = measured.percentiles_of(step_id) if measured is not None else None
    if found is not None and measured is not None:
        return StepEstimate(found, waves, measured.source)
    rounds = max(1, len(waves))
    limit = step.attempt_timeout.total_seconds() * rounds
    if isinstance(step, TimedWaitStep):
        seconds = step.for_.total_seconds()
        return StepEstimate(DurationPercentiles(seconds, seconds), waves, "the document")
    if isinstance(step, Route53ShiftStep):
        baked = step.bake.total_seconds() * len(step.stages)
        return StepEstimate(
            DurationPercentiles(baked, baked * 1.2).capped_at(limit), waves, "the document's bake times"
        )
    one = DEFAULT_DURATIONS[step.kind]
    return StepEstimate(_add_percentiles([one] * rounds).capped_at(limit), waves, "stated")


def add_durations(durations: Sequence[DurationPercentiles]) -> DurationPercentiles:
    """Steps one after the other. Their medians add up; their surprises, taken as independent, add up as squares do."""
    return _add_percentiles(durations)


def counts_towards_rto(step: AnyStep, position: int, steps: Sequence[AnyStep], direction: RunDirection) -> bool:
    """Whether users wait for it: all up to the last step that moves them."""
    moving = [index for index, one in enumerate(steps) if kind_of(one).moves_traffic]
    return direction is RunDirection.FAILOVER and bool(moving) and position <= moving[-1] and step is steps[position]


def _add_percentiles(durations: Sequence[DurationPercentiles]) -> DurationPercentiles:
    p50 = sum(span.p50 for span in durations)
    return DurationPercentiles(p50, p50 + sqrt(sum((span.p95 - span.p50) ** 2 for span in durations)))


def _launch_waves(step: AnyStep, application: Application) -> tuple[tuple[str, ...], ...]:
    launched = kind_of(step).get_launch(step)
    if launched is None or not launched.groups:
        return ()
    return tuple(tuple(wave) for wave in launch_waves(application, launched.groups))
