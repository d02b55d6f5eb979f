"""The promises that every rehearsal is held against, one module each.

An invariant is a small function from a `Record` of the rehearsal to an `InvariantReport`: its name, whether it held,
and what was seen. Its docstring gives the reason and the AWS fact behind it. `ALL` lists them.
"""

from __future__ import annotations

from collections.abc import Callable

from twin.invariants.acknowledged import acknowledged
from twin.invariants.bounded import bounded
from twin.invariants.drill_isolation import drill_isolation
from twin.invariants.exactly_once import exactly_once
from twin.invariants.protected import protected
from twin.invariants.record import Record
from twin.invariants.served import served
from twin.invariants.single_writer import single_writer
from twin.invariants.static_stability import static_stability
from twin.invariants.truth import truth
from twin.report import InvariantReport

ALL: tuple[Callable[[Record], InvariantReport], ...] = (
    single_writer,
    served,
    exactly_once,
    static_stability,
    truth,
    protected,
    drill_isolation,
    bounded,
    acknowledged,
)

__all__ = ["ALL", "Record"]
