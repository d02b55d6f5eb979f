"""How long each step takes, and all of them: waves one after the other, groups of a wave side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from leeward.state_machines.compile.groups import launch_waves
from leeward.state_machines.documents.application import Application
from leeward.state_machines.documents.direction import Direction
from leeward.state_machines.planning.defaults import STATED, Span
from leeward.state_machines.planning.measured import Measured
from leeward.state_machines.steps import Step, kind_of
from leeward.state_machines.steps.route53_shift import Shift
from leeward.state_machines.steps.wait import Wait


@dataclass(frozen=True, slots=True)
class Estimate:
    """One step's time, the waves it is made of, and where the figures come from."""

    span: Span
    waves: tuple[tuple[str, ...], ...]
    source: str


def estimate(step: Step, step_id: str, application: Application, measured: Measured | None) -> Estimate:
    """Measured where enough runs have; else what the document says; else stated. Never more than the step may take."""
    waves = _waves(step, application)
    found = measured.of(step_id) if measured is not None else None
    if found is not None and measured is not None:
        return Estimate(found, waves, measured.source)
    rounds = max(1, len(waves))
    limit = step.span.total_seconds() * rounds
    if isinstance(step, Wait):
        seconds = step.for_.total_seconds()
        return Estimate(Span(seconds, seconds), waves, "the document")
    if isinstance(step, Shift):
        baked = step.bake.total_seconds() * len(step.stages)
        return Estimate(Span(baked, baked * 1.2).at_most(limit), waves, "the document's bake times")
    one = STATED[step.kind]
    return Estimate(_sum([one] * rounds).at_most(limit), waves, "stated")


def total(spans: Sequence[Span]) -> Span:
    """Steps one after the other. Their medians add up; their surprises, taken as independent, add up as squares do."""
    return _sum(spans)


def counts_towards_rto(step: Step, position: int, steps: Sequence[Step], direction: Direction) -> bool:
    """Whether users wait for it: all up to the last step that moves them."""
    moving = [index for index, one in enumerate(steps) if kind_of(one).moves_traffic]
    return direction is Direction.FAILOVER and bool(moving) and position <= moving[-1] and step is steps[position]


def _sum(spans: Sequence[Span]) -> Span:
    p50 = sum(span.p50 for span in spans)
    return Span(p50, p50 + sqrt(sum((span.p95 - span.p50) ** 2 for span in spans)))


def _waves(step: Step, application: Application) -> tuple[tuple[str, ...], ...]:
    launched = kind_of(step).launch(step)
    if launched is None or not launched.groups:
        return ()
    return tuple(tuple(wave) for wave in launch_waves(application, launched.groups))
