"""One module per thing that can be wrong; each has `look(subject, reach)`, which yields findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from leeward.readiness.checks import (
    apis,
    balancers,
    deployment,
    drills,
    launching,
    machines,
    names,
    permissions,
    quotas,
    records,
    replication,
    routing,
    tables,
)
from leeward.readiness.findings import Finding
from leeward.readiness.reach import Reach
from leeward.readiness.subject import Subject

Look: TypeAlias = Callable[[Subject, Reach], Iterator[Finding]]

# Each with the area it covers: what an unforeseen refusal is told of.
ALL: Final[tuple[tuple[str, Look], ...]] = (
    ("replication", replication.look),
    ("launch", launching.look),
    ("quota", quotas.look),
    ("table", tables.look),
    ("api", apis.look),
    ("routing", routing.look),
    ("names", names.look),
    ("names", records.look),
    ("balancer", balancers.look),
    ("machine", machines.look),
    ("permission", permissions.look),
    ("deployment", deployment.look),
    ("drill", drills.look),
)
