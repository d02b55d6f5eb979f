"""The page `docs/generated/large-fleet.md`: what throttles and fails in the failover of 300 servers.

    python -m tests.rehearsals.fleet.large_fleet_page

measures both fleets and writes the page. It takes several minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tests.rehearsals.fleet.fleet_measurement import (
    StepMeasurement,
    measure_one_application,
    measure_routing,
    measure_separate_applications,
)
from tests.support.paths import REPOSITORY
from tools.generate_docs import markdown_table

PAGE = REPOSITORY / "docs" / "generated" / "large-fleet.md"
ONE, SEPARATE = "One application with 300 servers", "20 applications with 15 servers each"
ROUTING = "20 applications that only move users"
MEASURE: Mapping[str, Callable[[], list[StepMeasurement]]] = {
    ONE: measure_one_application,
    SEPARATE: measure_separate_applications,
    ROUTING: measure_routing,
}
_NOTHING = "nothing"
_STEP_ONLY = "no function, but the step"
_HEADER = ("Step", "Calls", "Throttled", "Longest invocation", "What fails", "Steps not done")
_INTRODUCTION = """\
# Figures: a fleet of 300 servers

Elastic Disaster Recovery replicates at most 300 servers to a Region (AWS's quota). The twin plays the failover of such
a fleet with the latencies and the rate limits of AWS's APIs. These figures were measured at commit `fd60750`, before
every step became one poll loop, and have not been measured since. [Performance](performance.md) has those of today, in
which no step fails. The limits of DRS are assumed, because AWS documents none. DRS takes a tenth of its usual time,
which changes how often a step polls.

    python -m tests.rehearsals.fleet.large_fleet_page

measures all tables. `make verify` compares the failures in them with those of the same rehearsals, so a failure that no
longer occurs must be taken off the list. The numbers are those of one seed, and are not compared.

Each row is one kind of step. *Calls* are those to the five APIs that the twin throttles: DRS, EC2, Elastic Load
Balancing (`elbv2`), Route 53, and ARC's routing controls (`route53-recovery-cluster`). *Throttled* counts the calls
that AWS would refuse, which are sent again or fail. *What fails* are the errors of the step's functions: a function
that takes longer than 60 s ends with `Sandbox.Timedout`, and one whose calls were throttled three times in a row with
`Throttled`. `NotFound` follows from servers that were not launched.

The state machine retries a function that timed out or was throttled, so a step can be done although its functions
failed. *Steps not done* are those that failed all the same, including those that an operator then skipped.

Elastic Load Balancing, EC2, and ARC throttle no call here with this seed. Probable reasons: a step asks DRS for its
servers before it calls Elastic Load Balancing, and DRS's limits spread those calls. A run calls EC2 for one instance
after another, and few of the runs that share an account get that far. Each switch of routing controls goes to one of
the five cluster endpoints at random, and each endpoint has its own limit.
"""
_INTRODUCTIONS = {
    ONE: (
        "The servers are in 20 groups, with a target group each. The runbook's steps take all groups at once.\n"
        "Its state machine is larger than the 1 MiB that Step Functions allows, so it could not be deployed."
    ),
    SEPARATE: "The 20 runs share one account and start at the same moment, as after the loss of a Region.",
    ROUTING: "One server each. It runs in the standby Region already, and all runs start at the same moment.",
}


class ListedFailure(NamedTuple):
    """What the page says about one kind of step in one fleet."""

    fleet: str
    kind: str
    fails: str


def write_page() -> None:
    """Measure all fleets and write the page."""
    PAGE.write_text(make_page({fleet: measure() for fleet, measure in MEASURE.items()}), encoding="utf-8")


def make_page(measurements: Mapping[str, Sequence[StepMeasurement]]) -> str:
    """The page's text."""
    lines = [_INTRODUCTION]
    for fleet, measured in measurements.items():
        rows = [_row(each) for each in measured]
        lines += [f"## {fleet}", "", _INTRODUCTIONS[fleet], "", *markdown_table(_HEADER, rows), ""]
    return "\n".join(lines[:-1]) + "\n"


def measured_failures(fleet: str, measured: Sequence[StepMeasurement]) -> set[ListedFailure]:
    """The failures that the page must list."""
    return {ListedFailure(fleet, each.kind, _failures(each)) for each in measured if each.failures or each.unmet}


def listed_failures(fleet: str, page: str) -> set[ListedFailure]:
    """The failures that the page lists."""
    section = page.split(f"## {fleet}\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return {ListedFailure(fleet, kind.strip("`"), fails) for kind, _, _, _, fails, _ in rows[2:] if fails != _NOTHING}


def _row(measured: StepMeasurement) -> tuple[str, ...]:
    throttled = ", ".join(f"{service} {count:,}" for service, count in sorted(measured.throttled.items())) or "none"
    return (
        f"`{measured.kind}`",
        f"{measured.calls:,}",
        throttled,
        f"{measured.longest_seconds:.1f} s",
        _failures(measured),
        f"{measured.unmet} of {sum(measured.ended.values())}",
    )


def _failures(measured: StepMeasurement) -> str:
    names = ", ".join(f"`{name}`" for name in sorted(measured.failures))
    return names or (_STEP_ONLY if measured.unmet else _NOTHING)


if __name__ == "__main__":
    write_page()
