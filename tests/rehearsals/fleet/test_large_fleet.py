"""The failover of 300 servers: which APIs throttle, and what fails, compared with the list in the documentation."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from leeward.rehearsal.results.result_models import RunStepStatus
from tests.rehearsals.fleet.fleet_measurement import (
    StepMeasurement,
    measure_one_application,
    throttled_services,
)
from tests.rehearsals.fleet.large_fleet_page import (
    MEASURE,
    ONE,
    PAGE,
    ROUTING,
    SEPARATE,
    ListedFailure,
    listed_failures,
    make_page,
    measured_failures,
)

# Elastic Load Balancing, EC2, and ARC throttle in none: the page says why. Each limit is tested alone in
# tests/twin/realism/test_api_rate_limits.py.
THROTTLED = {ONE: {"drs"}, SEPARATE: {"drs"}, ROUTING: {"route53"}}


@pytest.mark.verify("300 servers")
@pytest.mark.parametrize(("fleet", "throttled"), THROTTLED.items())
def test_a_large_fleet_is_throttled_and_fails_as_listed(fleet: str, throttled: set[str]) -> None:
    measured = MEASURE[fleet]()
    assert throttled_services(measured) == throttled
    assert measured_failures(fleet, measured) == listed_failures(fleet, PAGE.read_text(encoding="utf-8"))


@pytest.mark.verify("40 servers in 20 groups")
def test_twenty_target_groups_are_throttled_by_elastic_load_balancing() -> None:
    """DRS's limits spread the calls of 300 servers. With 40, the calls for 20 target groups come together."""
    measured = {each.kind: each for each in measure_one_application(servers=40)}
    assert set(measured["alb.deregister"].throttled) == {"drs", "elbv2"}
    assert {kind: each.unmet for kind, each in measured.items() if each.unmet} == {}


def test_a_small_fleet_has_none_of_the_failures() -> None:
    measured = measure_one_application(servers=4, groups=2)
    assert throttled_services(measured) == set()
    assert {each.kind: each.unmet for each in measured if each.unmet} == {}
    assert measured_failures(ONE, measured) == set()


def test_the_page_lists_what_was_measured() -> None:
    def measurement(kind: str, *failures: str) -> StepMeasurement:
        return StepMeasurement(kind, 7, {"drs": 2}, 60.0, frozenset(failures), {RunStepStatus.DONE: 1})

    one: Sequence[StepMeasurement] = [measurement("drs.recover", "Throttled", "Sandbox.Timedout"), measurement("lock")]
    page = make_page({ONE: one, SEPARATE: [measurement("preflight", "Throttled")]})
    assert listed_failures(ONE, page) == {ListedFailure(ONE, "drs.recover", "`Sandbox.Timedout`, `Throttled`")}
    assert listed_failures(SEPARATE, page) == {ListedFailure(SEPARATE, "preflight", "`Throttled`")}
    assert measured_failures(ONE, one) == listed_failures(ONE, page)
