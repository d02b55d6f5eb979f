"""Estimates how long each step takes, and all steps together. Waves run in sequence, and groups of a wave in
parallel.
"""

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
    """One step's duration, its waves, and the source of the figures."""

    duration: DurationPercentiles
    waves: tuple[tuple[str, ...], ...]
    source: str


def estimate_step(
    step: AnyStep, step_id: str, application: Application, measured: MeasuredDurations | None
) -> StepEstimate:
    """Estimate a step's duration: measured if enough runs exist, else from the document, else the default.

    An estimate that isn't measured is never longer than the step's timeout.
    """
    waves = _launch_waves(step, application)
    percentiles = measured.percentiles_of(step_id) if measured is not None else None
    if percentiles is not None and measured is not None:
        return StepEstimate(percentiles, waves, measured.source)
    rounds = max(1, len(waves))
    limit = step.attempt_timeout.total_seconds() * rounds
    if isinstance(step, TimedWaitStep):
        seconds = step.for_.total_seconds()
        return StepEstimate(DurationPercentiles(seconds, seconds), waves, "the document")
    if isinstance(step, Route53ShiftStep):
        bake_seconds = step.bake.total_seconds() * len(step.stages)
        return StepEstimate(
            DurationPercentiles(bake_seconds, bake_seconds * 1.2).capped_at(limit), waves, "the document's bake times"
        )
    default = DEFAULT_DURATIONS[step.kind]
    return StepEstimate(_add_percentiles([default] * rounds).capped_at(limit), waves, "stated")


def add_durations(durations: Sequence[DurationPercentiles]) -> DurationPercentiles:
    """Return the duration of steps in sequence. Medians add up. Deviations are independent, so their squares add up."""
    return _add_percentiles(durations)


def counts_towards_rto(step: AnyStep, position: int, steps: Sequence[AnyStep], direction: RunDirection) -> bool:
    """Return whether users wait for the step: every step up to the last one that moves traffic."""
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
