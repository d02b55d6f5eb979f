"""Contains the invariants that every rehearsal and every sweep trial is checked against, one module each.

An invariant is a small function that takes the `RunRecord` of a run and returns an `InvariantReport`. The report
contains the invariant's name, whether it held, and what was observed. The function's docstring gives the reason and
the AWS fact behind the invariant. Rehearsals, sweeps, and docs/safety.md read the list `INVARIANTS`. The tuple
`INVARIANT_CHECKS` contains the functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from leeward.rehearsal.invariants.acknowledged import acknowledged
from leeward.rehearsal.invariants.bounded import bounded
from leeward.rehearsal.invariants.drill_isolation import drill_isolation
from leeward.rehearsal.invariants.exactly_once import exactly_once
from leeward.rehearsal.invariants.no_orphan import no_orphan
from leeward.rehearsal.invariants.protected import protected
from leeward.rehearsal.invariants.quota import quota
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.invariants.served import served
from leeward.rehearsal.invariants.single_writer import single_writer
from leeward.rehearsal.invariants.static_stability import static_stability
from leeward.rehearsal.invariants.truth import truth
from leeward.rehearsal.results.result_models import InvariantReport


@dataclass(frozen=True, slots=True)
class Invariant:
    """An invariant: its name, its promise in one line for docs/safety.md, and the function that checks it."""

    name: str
    promise: str
    check: Callable[[RunRecord], InvariantReport]


INVARIANTS = (
    Invariant(
        "single-writer", "Two Regions never serve users at the same time, even from cached DNS answers", single_writer
    ),
    Invariant("served", "Users are never routed to a Region that fails its checks", served),
    Invariant("exactly-once", "One run never launches a server twice", exactly_once),
    Invariant("static-stability", "No call depends on an unavailable Region or its control planes", static_stability),
    Invariant("truth", "A successful run did what it reports, and a failed run is right about each step", truth),
    Invariant(
        "protected",
        "A last copy is deleted only after its replacement protects; unprotected machines are reported",
        protected,
    ),
    Invariant("no-orphan", "Every resource that a run created is in use, removed, or listed", no_orphan),
    Invariant("quota", "The number of jobs and servers never exceeds the AWS quotas", quota),
    Invariant("drill-isolation", "A drill does not affect clients or routing", drill_isolation),
    Invariant(
        "acknowledged",
        "No acknowledged write is lost, except writes in replication when a Region failed",
        acknowledged,
    ),
    Invariant("bounded", "Every run ends, or waits for an operator, within a computed time", bounded),
)
INVARIANT_CHECKS = tuple(invariant.check for invariant in INVARIANTS)

__all__ = ["INVARIANTS", "INVARIANT_CHECKS", "Invariant", "RunRecord"]
