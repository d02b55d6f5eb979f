"""The page `docs/generated/large-fleet.md`: what throttles and fails in the failover of 300 servers.

    python -m tests.rehearsals.fleet.large_fleet_page

measures all fleets and writes the page. It takes several minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tests.rehearsals.fleet.fleet_measurement import (
    ROUTED_APPLICATIONS,
    StepMeasurement,
    measure_continuation,
    measure_one_application,
    measure_routing,
    measure_separate_applications,
)
from tests.support.paths import REPOSITORY
from tools.generate_docs import markdown_table

PAGE = REPOSITORY / "docs" / "generated" / "large-fleet.md"
ONE, SEPARATE = "One application with 300 servers", "20 applications with 15 servers each"
CONTINUATION = "20 applications that have launched their servers"
ROUTING = f"{ROUTED_APPLICATIONS} applications that only move users"
MEASURE: Mapping[str, Callable[[], list[StepMeasurement]]] = {
    ONE: measure_one_application,
    SEPARATE: measure_separate_applications,
    CONTINUATION: measure_continuation,
    ROUTING: measure_routing,
}
_NOTHING = "nothing"
_STEP_ONLY = "no function, but the step"
_HEADER = ("Step", "Calls", "Throttled", "Longest invocation", "What fails", "Steps not done")
_INTRODUCTION = """\
# Figures: a fleet of 300 servers

Elastic Disaster Recovery replicates at most 300 servers to a Region (AWS's quota). The twin plays the failover of such
a fleet with the latencies and the rate limits of AWS's APIs. The limits of DRS are assumed, because AWS documents none.
DRS takes a tenth of its usual time, which changes how often a step polls.

    python -m tests.rehearsals.fleet.large_fleet_page

measures all tables. `make verify` compares the failures in them with those of the same rehearsals, so a failure that no
longer occurs must be taken off the list. The numbers are those of one seed, and are not compared.

Each row is one kind of step. *Calls* are those to the five APIs that the twin throttles: DRS, EC2, Elastic Load
Balancing (`elbv2`), Route 53, and ARC's routing controls (`route53-recovery-cluster`). *Throttled* counts the calls
that AWS would refuse. A throttled call costs one poll, and the step polls again until its timeout. *What fails* are the
errors of the step's functions, and *steps not done* those that failed, including those that an operator then skipped.
"""
_INTRODUCTIONS = {
    ONE: (
        "The servers are in 20 groups, with a target group each. The runbook's steps take all groups at once. One run\n"
        "calls one API after the other, which is slower than each limit. `drs.reverse` has 30 minutes, and takes 13."
    ),
    SEPARATE: "The 20 runs share one account and start at the same moment, as after the loss of a Region.",
    CONTINUATION: (
        "Each has five groups of three servers, with a target group each. All launches have ended, and the 20 runs go\n"
        "on at the same moment."
    ),
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
