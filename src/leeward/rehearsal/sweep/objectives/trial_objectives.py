"""The measured RTO and RPO of the trials, compared with the application's objectives.

A trial may miss an objective: a fault takes time. So the sweep counts the misses and doesn't fail. The run without
faults must meet its objectives. All times are those of a sweep, in which DRS takes a tenth of its usual time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import TypedDict

from pydantic import BaseModel, ConfigDict

from leeward.rehearsal.results.objectives import RehearsalObjective
from leeward.rehearsal.results.result_models import RehearsalResult


class MeasuredObjective(TypedDict):
    """The RTO or RPO of one run, in seconds, as a JSON object. `seconds` is None if it wasn't measured or reached."""

    objective_seconds: int
    seconds: float | None
    missed: bool


Objectives = Mapping[str, MeasuredObjective]
"""The measured objectives of a run, by name: `RTO` and `RPO`."""


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


def read_objectives(result: RehearsalResult) -> dict[str, MeasuredObjective]:
    """Return the run's RTO and RPO."""
    return {"RTO": _read(result.rto), "RPO": _read(result.rpo)}


def list_missed_objectives(objectives: Objectives) -> list[str]:
    """Return a problem for each missed objective, such as `RTO: 2,000 s of 1,800 s`."""
    return [
        f"{name}: {'never reached' if each['seconds'] is None else format(each['seconds'], ',.0f') + ' s'} "
        f"of {each['objective_seconds']:,} s"
        for name, each in objectives.items()
        if each["missed"]
    ]


def count_objectives(clean: Objectives, trials: Sequence[Objectives]) -> list[ObjectiveCounts]:
    """Return the counts of each objective of the run without faults."""
    return [_count(name, each, list(_of_trials(name, trials))) for name, each in clean.items()]


def _read(objective: RehearsalObjective) -> MeasuredObjective:
    return MeasuredObjective(
        objective_seconds=objective.objective_seconds, seconds=objective.measured_seconds, missed=objective.missed
    )


def _of_trials(name: str, trials: Sequence[Objectives]) -> Iterator[MeasuredObjective]:
    for objectives in trials:
        each = objectives.get(name)
        if each is not None and (each["missed"] or each["seconds"] is not None):
            yield each


def _count(name: str, clean: MeasuredObjective, trials: Sequence[MeasuredObjective]) -> ObjectiveCounts:
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
