"""The budgets of the sample runbooks and of 300 servers. `tests/rehearsals/performance` enforces them.

A budget is met only by a run that succeeded and in which every step was done, because a failed run makes fewer calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.performance.configurations import Configuration

Figures = Mapping[str, Any]
_KIB = 1024
# Commit 2cfbe8c, of which the calls of a drill and of a failback must be a quarter: 597 and 1,266. It is measured with
# `python -c "from cli.main import main; main()" rehearse website drill --json` in that commit's folder.
_DRILL_CALLS_BEFORE, _FAILBACK_CALLS_BEFORE = 597, 1266
# Why a budget is missed today. Remove it from the table when the budget is met: the test fails until then.
# Figures of `leeward rehearse APP RUNBOOK --json`, seed 7.
_FAILOVER_CALLS = "a launch in two waves takes 75"
_FAILBACK_CALLS = "the retirement of the copies takes 97"


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of one figure of a rehearsal. `rehearsal` is an application and a runbook, or a configuration.

    `missed_because` says why the budget is missed today, and is empty if it is met.
    """

    rehearsal: str | Configuration
    what: str
    limit: float
    measure: Callable[[Figures], float]
    unit: str = ""
    missed_because: str = ""

    @property
    def subject(self) -> str:
        """Return the name of the rehearsal."""
        return self.rehearsal if isinstance(self.rehearsal, str) else f"failover of {self.rehearsal.name}"

    @property
    def row(self) -> Sequence[str]:
        """Return the row of the documentation's table."""
        limit = f"{self.limit:,g} {self.unit}".strip()
        return (self.subject, self.what, limit, self.missed_because or "no")


def find_problems(figures: Figures) -> list[str]:
    """Return why the figures can't meet any budget: the run failed, or a step was not done."""
    failed = [] if figures["outcome"] == "succeeded" else [f"the run {figures['outcome']} with {figures['error']}"]
    return failed + [f"the step {step!r} was not done" for step in figures["unmet_steps"]]


def _calls(figures: Figures) -> int:
    return sum(_step_calls(step) for step in figures["usage"]["by_step"])


def _step_calls(step: Mapping[str, Any]) -> int:
    return sum(step["api_calls"].values())


def _preflight_calls(figures: Figures) -> int:
    return _step_calls(_steps_from_preflight(figures)[0])


def _calls_after_preflight(figures: Figures) -> int:
    """Return the calls of the later steps, and of those outside the steps: the begin and the end of the run."""
    return sum(map(_step_calls, _steps_from_preflight(figures)[1:]))


def _steps_from_preflight(figures: Figures) -> Sequence[Mapping[str, Any]]:
    steps: Sequence[Mapping[str, Any]] = figures["usage"]["by_step"]
    first = next(number for number, step in enumerate(steps) if step["kind"] == "preflight")
    return steps[first:]


def _usage(key: str) -> Callable[[Figures], float]:
    return lambda figures: float(figures["usage"][key])


def _preflight_limit(servers: int) -> int:
    return 40 + 4 * servers


def _fleet_budgets(groups: int) -> list[Budget]:
    """Return the budgets of 300 servers, of which each AWS call takes 200 ms (FLEET_CALL_SECONDS)."""
    fleet = Configuration(300, groups)
    return [
        Budget(fleet, "longest invocation", 30, _usage("longest_invocation_seconds"), "s"),
        Budget(fleet, "calls of preflight", _preflight_limit(300), _preflight_calls),
        Budget(fleet, "calls", 6 * fleet.servers, _calls),
        Budget(fleet, "history events", 7_999, _usage("history_events")),
        Budget(
            fleet,
            "largest payload",
            200,
            lambda figures: figures["usage"]["largest_payload_bytes"] / _KIB,
            "KiB",
        ),
    ]


FLEET_CALL_SECONDS = 0.2
BUDGETS: Sequence[Budget] = (
    Budget("website failover", "calls after preflight", 100, _calls_after_preflight, missed_because=_FAILOVER_CALLS),
    Budget("website failover", "state transitions", 90, _usage("state_transitions")),
    Budget("website failover", "calls of preflight", _preflight_limit(3), _preflight_calls),
    Budget("website drill", "calls", _DRILL_CALLS_BEFORE // 4, _calls),
    Budget("website failback", "calls", _FAILBACK_CALLS_BEFORE // 4, _calls, missed_because=_FAILBACK_CALLS),
    Budget("ticketing failover", "calls", 70, _calls),
    *_fleet_budgets(1),
    *_fleet_budgets(20),
)
