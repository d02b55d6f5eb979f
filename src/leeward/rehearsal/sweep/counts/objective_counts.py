"""The measured RTO and RPO of the trials, compared with the application's objectives.

A trial may miss an objective: a fault takes time. So the sweep counts the misses and doesn't fail. The run without
faults must meet its objectives. All times are those of a sweep, in which DRS takes a tenth of its usual time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from pydantic import BaseModel, ConfigDict

from leeward.rehearsal.results.objectives import ObjectiveFigure, Objectives


class ObjectiveCounts(BaseModel):
    """One objective over all trials. Times are in seconds.

    - `clean_seconds`: the value of the run without faults, or None if it wasn't measured.
    - `trials`: the trials whose value was measured or never reached. `missed`: those of them that missed the objective.
    - `p50_seconds`, `max_seconds`: the median and the largest measured value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    objective_seconds: int
    clean_seconds: float | None
    trials: int
    missed: int
    p50_seconds: float | None
    max_seconds: float | None


def count_objectives(clean: Objectives, trials: Sequence[Objectives]) -> list[ObjectiveCounts]:
    """Return the counts of each objective of the run without faults."""
    return [_count(name, each, list(_of_trials(name, trials))) for name, each in clean.items()]


def _of_trials(name: str, trials: Sequence[Objectives]) -> Iterator[ObjectiveFigure]:
    for objectives in trials:
        each = objectives.get(name)
        if each is not None and (each["missed"] or each["seconds"] is not None):
            yield each


def _count(name: str, clean: ObjectiveFigure, trials: Sequence[ObjectiveFigure]) -> ObjectiveCounts:
    measured = [each["seconds"] for each in trials if each["seconds"] is not None]
    return ObjectiveCounts(
        name=name,
        objective_seconds=clean["objective_seconds"],
        clean_seconds=clean["seconds"],
        trials=len(trials),
        missed=sum(each["missed"] for each in trials),
        p50_seconds=median(measured) if measured else None,
        max_seconds=max(measured, default=None),
    )
