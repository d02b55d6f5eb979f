"""Delivery of events while the service of the target fails."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leeward.twin.engine import FaultKind
from leeward.twin.events.delays.trigger_delays import TriggerDelays
from leeward.twin.events.eventbridge.target_delivery import PendingDelivery, RetryPolicy, TargetDelivery
from tests.twin.engine.machines import REGION, START, elapsed, open_engine

TARGET = f"arn:aws:lambda:{REGION}:123456789012:function:work"


@pytest.mark.parametrize("fault", [FaultKind.SERVER_ERROR, FaultKind.THROTTLED, FaultKind.CONNECTION_TIMED_OUT])
def test_event_arrives_after_an_outage_of_the_target_service(fault: FaultKind) -> None:
    ran: list[float] = []
    with open_engine({"work": lambda event, context: ran.append(elapsed(opened))}) as opened:
        opened.interceptor.schedule_service_outage("lambda", REGION, fault, START, START + timedelta(seconds=5))
        delivery = TargetDelivery(opened, {}, TriggerDelays(7, active=False))
        delivery.send(PendingDelivery(TARGET, "{}", "rule", RetryPolicy(), None))
        opened.clock.sleep(60)
    assert ran == [7]  # tried after 0, 1, 3, and 7 seconds
    assert [each.outcome for each in delivery.records] == ["delivered"]


@pytest.mark.parametrize(
    ("fault", "retries", "seconds"), [(FaultKind.ACCESS_DENIED, 185, 0), (FaultKind.SERVER_ERROR, 2, 3)]
)
def test_event_is_lost_when_denied_or_out_of_retries(fault: FaultKind, retries: int, seconds: float) -> None:
    with open_engine({"work": lambda event, context: 1}) as opened:
        opened.interceptor.schedule_service_outage("lambda", REGION, fault, START)
        delivery = TargetDelivery(opened, {}, TriggerDelays(7, active=False))
        delivery.send(PendingDelivery(TARGET, "{}", "rule", RetryPolicy(max_retries=retries), None))
        opened.clock.sleep(100)
        (record,) = delivery.records
    assert (record.outcome, (record.at - START).total_seconds()) == ("lost: could not be delivered", seconds)
    assert opened.functions.invocations == []
