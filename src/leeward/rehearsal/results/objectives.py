"""An objective of a rehearsal, its measured value, and what the value was measured from."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypedDict

from pydantic import BaseModel, ConfigDict

from leeward.evidence.model import MeasurementStatus, is_objective_missed


class MeasurementBasis(StrEnum):
    """From what an objective was measured."""

    CLIENTS = "clients"
    """From the clients' own requests."""
    SERVERS = "servers"
    """From the launched servers, because the run moves no clients or recovers their data."""
    WRITES = "writes"
    """From the clients' numbered writes."""


class RehearsalObjective(BaseModel):
    """An objective (RTO or RPO) and the measured value, both in seconds.

    `status` distinguishes a measured value, nothing to measure, and an event that never happened, such as clients that
    were never served again. `reason` says why `measured_seconds` is None, or explains the value. Results of version 0.1
    have neither `status` nor `basis`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    objective_seconds: int
    measured_seconds: float | None
    met: bool
    status: MeasurementStatus | None = None
    basis: MeasurementBasis | None = None
    reason: str = ""

    @classmethod
    def measured(
        cls, objective_seconds: int, seconds: float, basis: MeasurementBasis, reason: str = ""
    ) -> RehearsalObjective:
        """Return an objective with a measured value, which is met if the value doesn't exceed it."""
        return cls(
            objective_seconds=objective_seconds,
            measured_seconds=seconds,
            met=seconds <= objective_seconds,
            status=MeasurementStatus.MEASURED,
            basis=basis,
            reason=reason,
        )

    @classmethod
    def not_measured(cls, objective_seconds: int, basis: MeasurementBasis, reason: str) -> RehearsalObjective:
        """Return an objective for which there was nothing to measure, because of `reason`."""
        return cls._without_value(objective_seconds, MeasurementStatus.NOT_MEASURED, basis, reason)

    @classmethod
    def never_reached(cls, objective_seconds: int, basis: MeasurementBasis, reason: str) -> RehearsalObjective:
        """Return a missed objective. `reason` says what did not happen."""
        return cls._without_value(objective_seconds, MeasurementStatus.NEVER_REACHED, basis, reason)

    @classmethod
    def _without_value(
        cls, objective_seconds: int, status: MeasurementStatus, basis: MeasurementBasis, reason: str
    ) -> RehearsalObjective:
        return cls(
            objective_seconds=objective_seconds,
            measured_seconds=None,
            met=False,
            status=status,
            basis=basis,
            reason=reason,
        )

    @property
    def missed(self) -> bool:
        """Return whether the objective is known to be missed. An objective that wasn't measured isn't."""
        return is_objective_missed(self.status, self.measured_seconds, met=self.met)


class ObjectiveFigure(TypedDict):
    """The RTO or RPO of one run, in seconds, as a JSON object. `seconds` is None if it wasn't measured or reached."""

    objective_seconds: int
    seconds: float | None
    missed: bool


Objectives = Mapping[str, ObjectiveFigure]
"""The measured objectives of a run, by name: `RTO` and `RPO`."""


def read_objectives(rto: RehearsalObjective, rpo: RehearsalObjective) -> dict[str, ObjectiveFigure]:
    """Return a run's RTO and RPO as JSON objects, which the results of a sweep's trials store."""
    return {"RTO": _read(rto), "RPO": _read(rpo)}


def list_missed_objectives(objectives: Objectives) -> list[str]:
    """Return a problem for each missed objective, such as `RTO: 2,000 s of 1,800 s`."""
    return [
        f"{name}: {'never reached' if each['seconds'] is None else format(each['seconds'], ',.0f') + ' s'} "
        f"of {each['objective_seconds']:,} s"
        for name, each in objectives.items()
        if each["missed"]
    ]


def _read(objective: RehearsalObjective) -> ObjectiveFigure:
    return ObjectiveFigure(
        objective_seconds=objective.objective_seconds, seconds=objective.measured_seconds, missed=objective.missed
    )
