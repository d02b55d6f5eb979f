"""Estimates how long each step takes, and all steps together. Waves run in sequence, and groups of a wave in
parallel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from leeward.kinds.descriptors.effects import Effect
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.fragments.actions.server_groups import launch_waves
from leeward.state_machines.planning.estimates.duration_percentiles import DurationPercentiles
from leeward.state_machines.planning.estimates.measured_durations import MeasuredDurations
from leeward.state_machines.step_kinds.step_behavior import has_effect, kind_of, stated_time
from leeward.state_machines.step_kinds.step_effects import Launch
from leeward.state_machines.step_kinds.step_model import StepModel


@dataclass(frozen=True, slots=True)
class StepEstimate:
    """One step's duration, its waves, and the source of the figures."""

    duration: DurationPercentiles
    waves: tuple[tuple[str, ...], ...]
    source: str


def estimate_step(
    step: StepModel, step_id: str, application: Application, measured: MeasuredDurations | None
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
    stated = stated_time(step)
    if stated is not None:
        return StepEstimate(DurationPercentiles(stated.p50, stated.p95), waves, stated.source)
    assumed = kind_of(step).planned_time
    default = DurationPercentiles(assumed.p50, assumed.p95)
    return StepEstimate(_add_percentiles([default] * rounds).capped_at(limit), waves, "stated")


def add_durations(durations: Sequence[DurationPercentiles]) -> DurationPercentiles:
    """Return the duration of steps in sequence. Medians add up. Deviations are independent, so their squares add up."""
    return _add_percentiles(durations)


def counts_towards_rto(step: StepModel, position: int, steps: Sequence[StepModel], direction: RunDirection) -> bool:
    """Return whether users wait for the step: every step up to the last one that moves traffic."""
    moving = [index for index, one in enumerate(steps) if has_effect(one, Effect.MOVES_USERS)]
    return direction is RunDirection.FAILOVER and bool(moving) and position <= moving[-1] and step is steps[position]


def _add_percentiles(durations: Sequence[DurationPercentiles]) -> DurationPercentiles:
    p50 = sum(span.p50 for span in durations)
    return DurationPercentiles(p50, p50 + sqrt(sum((span.p95 - span.p50) ** 2 for span in durations)))


def _launch_waves(step: StepModel, application: Application) -> tuple[tuple[str, ...], ...]:
    launched = step.find_effect(Launch)
    if launched is None or not launched.groups:
        return ()
    return tuple(tuple(wave) for wave in launch_waves(application, launched.groups))
