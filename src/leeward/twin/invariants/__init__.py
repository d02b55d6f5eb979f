"""The promises that every rehearsal, and every faulted run of the sweep, is held against, one module each.

An invariant is a small function from a `Record` of the run to an `InvariantReport`: its name, whether it held, and
what was seen. Its docstring gives the reason and the AWS fact behind it. `REGISTRY` is the one list: the rehearsal, the
sweep and docs/safety.md read it; `ALL` are its functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from leeward.twin.invariants.acknowledged import acknowledged
from leeward.twin.invariants.bounded import bounded
from leeward.twin.invariants.drill_isolation import drill_isolation
from leeward.twin.invariants.exactly_once import exactly_once
from leeward.twin.invariants.no_orphan import no_orphan
from leeward.twin.invariants.protected import protected
from leeward.twin.invariants.quota import quota
from leeward.twin.invariants.record import Record
from leeward.twin.invariants.served import served
from leeward.twin.invariants.single_writer import single_writer
from leeward.twin.invariants.static_stability import static_stability
from leeward.twin.invariants.truth import truth
from leeward.twin.report import InvariantReport


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise in one line, as people read it, and how it is checked."""

    name: str
    promise: str
    check: Callable[[Record], InvariantReport]


REGISTRY = (
    Invariant("single-writer", "Never do two Regions serve users at once, resolvers' caches included", single_writer),
    Invariant("served", "Users are never sent to a Region that fails its checks", served),
    Invariant("exactly-once", "No server is launched twice by one run", exactly_once),
    Invariant(
        "static-stability", "No call depends on a Region that is dark, nor on its control planes", static_stability
    ),
    Invariant("truth", "A run that succeeded has done what it says; one that failed is right about each step", truth),
    Invariant(
        "protected", "No last copy is given up before its replacement protects; what has none is told", protected
    ),
    Invariant("no-orphan", "What a run created is in the end in use, removed, or listed", no_orphan),
    Invariant("quota", "At no instant are there more jobs or servers than AWS allows", quota),
    Invariant("drill-isolation", "A drill changes nothing that serves", drill_isolation),
    Invariant(
        "acknowledged",
        "No write that a user was told of is lost, but those on their way when a Region failed",
        acknowledged,
    ),
    Invariant("bounded", "Every run ends, or waits for a person, within a time computed from its machine", bounded),
)
ALL = tuple(invariant.check for invariant in REGISTRY)

__all__ = ["ALL", "REGISTRY", "Invariant", "Record"]
