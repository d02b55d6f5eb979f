"""A run plan shows order, times, costs, and dependencies. Times measured by earlier runs replace the defaults."""

from __future__ import annotations

import pytest

from leeward.kinds.registry import step_kinds
from leeward.state_machines.build import BuiltRunbook, build_runbooks
from leeward.state_machines.planning.estimates.duration_percentiles import DurationPercentiles
from leeward.state_machines.planning.estimates.measured_durations import MeasuredDurations
from leeward.state_machines.planning.estimates.step_estimates import add_durations
from leeward.state_machines.planning.run_plan import plan_run
from tests.support.nonempty import nonempty
from tests.support.paths import RUNBOOKS_FOLDER

READIES = build_runbooks(RUNBOOKS_FOLDER)


def ready(runbook: str, application: str = "website") -> BuiltRunbook:
    return next(r for r in READIES if (r.application.application, r.runbook.runbook) == (application, runbook))


@pytest.mark.parametrize("one", READIES, ids=lambda r: f"{r.application.application}-{r.runbook.runbook}")
def test_every_runbook_has_a_plan(one: BuiltRunbook) -> None:
    made = plan_run(one)
    assert [step.name for step in made.steps] == [step.name for step in one.runbook.steps]
    assert 0 < made.p50_seconds <= made.p95_seconds
    assert made.p50_seconds == pytest.approx(sum(step.p50_seconds for step in made.steps))
    assert any(step.critical for step in made.steps)


def test_waves_are_sequential_and_groups_parallel() -> None:
    recover = next(step for step in plan_run(ready("failover")).steps if step.kind == "drs.recover")
    assert recover.waves == (("database",), ("home-page", "catalogue-page"))
    assert recover.p50_seconds == 2 * step_kinds()["drs.recover"].planned_time.p50
    assert recover.critical


def test_expected_rto_ends_at_routing_step() -> None:
    made = plan_run(ready("failover"))
    assert [step.kind for step in made.steps if step.users_wait][-1] == "arc.route"
    assert made.rto_p50_seconds is not None
    assert made.rto_p50_seconds < made.p50_seconds


def test_drill_has_no_expected_rto() -> None:
    made = plan_run(ready("drill"))
    assert made.rto_p95_seconds is None
    assert not any(step.users_wait for step in nonempty(made.steps))


def test_origin_calls_are_listed_with_step() -> None:
    reverse = next(step for step in plan_run(ready("failover")).steps if step.kind == "drs.reverse")
    assert any(call.startswith("us-east-1:") for call in reverse.leaves_target)


def test_measured_durations_replace_defaults_when_enough() -> None:
    one = ready("failover")
    few = MeasuredDurations("two runs", {"recover_the_servers": [700.0, 800.0]})
    enough = MeasuredDurations("five runs", {"recover_the_servers": [700.0, 900.0, 800.0, 1000.0, 2000.0]})
    stated, of_few, of_enough = (
        next(s for s in plan_run(one, m).steps if s.kind == "drs.recover") for m in (None, few, enough)
    )
    assert of_few == stated, "of two runs the slowest is no P95"
    assert (of_enough.p50_seconds, of_enough.p95_seconds, of_enough.source) == (900.0, 2000.0, "five runs")


def test_medians_add_and_spreads_add_in_quadrature() -> None:
    assert add_durations([DurationPercentiles(10, 13), DurationPercentiles(20, 24)]) == DurationPercentiles(30, 35)


def test_monthly_standby_cost_is_computed_from_documents() -> None:
    made = plan_run(ready("failover"))
    assert any(line.what.startswith("3 servers replicated") for line in made.month_costs)
    assert any("ARC cluster" in line.what for line in made.month_costs)
    assert made.not_counted, "what the documents do not tell is named"
    assert sum(line.dollars for line in plan_run(ready("drill")).run_costs) > 0
