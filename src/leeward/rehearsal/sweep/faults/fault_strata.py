"""The stratified draw of a sweep with a time limit: single faults, by fault class and by the kind of step they hit.

A complete sweep takes hours and finds little more than a draw that has something of everything. The draw takes one
fault of each stratum, in random order, then a second one of each, and so on, so that it can end at any time.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain, zip_longest
from random import Random

from leeward.rehearsal.sweep.faults.baseline import Baseline, possible_faults
from leeward.rehearsal.sweep.faults.planned_faults import PlannedFault

# States outside of all steps: the begin and the end of a run, and its failure.
_OUTSIDE_STEPS = "run"
_ANY_STEP = "any"


@dataclass(frozen=True, slots=True, order=True)
class Stratum:
    """The faults of one class in the steps of one kind."""

    fault_class: str
    step_kind: str

    def __str__(self) -> str:
        return f"{self.fault_class} x {self.step_kind}"


def find_stratum(baseline: Baseline, fault: PlannedFault) -> Stratum:
    """Return the stratum of a single fault of this baseline run."""
    return Stratum(fault.class_label, _step_kind(baseline, fault))


def draw_by_stratum(baseline: Baseline, seed: int) -> list[PlannedFault]:
    """Return all possible single faults, in rounds that take one fault of each stratum."""
    rng = Random(f"{seed}|strata")  # noqa: S311 - reproducible on purpose
    strata: dict[Stratum, list[PlannedFault]] = defaultdict(list)
    for fault in possible_faults(baseline):
        strata[find_stratum(baseline, fault)].append(fault)
    for faults in strata.values():
        rng.shuffle(faults)
    ordered = list(strata.values())
    rng.shuffle(ordered)
    return [fault for fault in chain.from_iterable(zip_longest(*ordered)) if fault is not None]


def _step_kind(baseline: Baseline, fault: PlannedFault) -> str:
    if fault.point_kind == "operator":
        return _ANY_STEP
    if fault.point_kind == "step":
        return baseline.kinds_by_step.get(fault.point_id, _OUTSIDE_STEPS)
    states = {
        "call": baseline.call_states,
        "service": baseline.call_states,
        "lambda": baseline.invocation_states,
        "lambda-service": baseline.invocation_states,
        "state": baseline.states,
    }[fault.point_kind]
    return baseline.kinds_by_state.get(states[fault.number - 1], _OUTSIDE_STEPS)
