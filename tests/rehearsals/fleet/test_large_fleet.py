"""The failover of 300 servers: which APIs throttle, and what fails, compared with the list in the documentation."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from leeward.rehearsal.results.result_models import RunStepStatus
from tests.rehearsals.fleet.fleet_measurement import (
    THROTTLING_SERVICES,
    StepMeasurement,
    measure_one_application,
    throttled_services,
)
from tests.rehearsals.fleet.large_fleet_page import (
    CONTINUATION,
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

THROTTLED = {
    ONE: set[str](),
    SEPARATE: {"drs"},
    CONTINUATION: {"drs", "ec2", "elbv2"},
    ROUTING: {"route53", "route53-recovery-cluster"},
}


@pytest.mark.verify("300 servers")
@pytest.mark.parametrize(("fleet", "throttled"), THROTTLED.items())
def test_a_large_fleet_is_throttled_and_fails_as_listed(fleet: str, throttled: set[str]) -> None:
    measured = MEASURE[fleet]()
    assert throttled_services(measured) == throttled
    assert measured_failures(fleet, measured) == listed_failures(fleet, PAGE.read_text(encoding="utf-8"))


def test_each_api_throttles_in_one_of_the_fleets() -> None:
    assert set().union(*THROTTLED.values()) == set(THROTTLING_SERVICES)


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
