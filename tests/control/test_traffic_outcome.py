"""Where users are sent follows from the claims of the steps that move users."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leeward.common.claims.all_claims import claims_to_facts
from leeward.common.claims.types.claim import Claim
from leeward.common.claims.types.run_claims import Changed
from leeward.common.claims.types.traffic_claims import ControlsSwitched, ServiceSwitched, WeightsSet
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.outcome.traffic_outcome import TrafficOutcome, assess_traffic
from leeward.control.run.run_reference import RunbookStep

AT = datetime(2026, 3, 1, tzinfo=UTC)
KINDS = (
    "arc.route",
    "route53.shift",
    "route53.weights",
    "api.out_of_service",
    "api.in_service",
    "notify",
    "gone.route",
)
STEPS = [RunbookStep(id=kind, name=kind, kind=kind) for kind in KINDS]
THERE = ControlsSwitched(on=("west",), off=("east",), accepted_by="a", confirmed_by="b")
BACK = ControlsSwitched(on=("east",), off=("west",), accepted_by="a", confirmed_by="b")
HELD = WeightsSet(record="www", weights="west 0, east 255", is_hold=True)
SHIFTED = WeightsSet(record="www", weights="west 255, east 0")
EAST_OUT = ServiceSwitched(region="east", health="out of service")
EAST_IN = ServiceSwitched(region="east", health="in service")
WEST_IN = ServiceSwitched(region="west", health="in service")
CHANGED = Changed(resource="a", region="b", state="c")


def done(kind: str, claim: Claim, *, undone: bool = False) -> JournalEntry:
    facts = claims_to_facts([claim]) | ({"undone": True} if undone else {})
    return JournalEntry(AT, JournalEvent.STEP_DONE, kind, kind, 1, facts)


@pytest.mark.parametrize(
    ("entries", "outcome"),
    [
        ([], TrafficOutcome.NOT_MOVED),
        ([done("notify", CHANGED)], TrafficOutcome.NOT_MOVED),
        ([done("arc.route", THERE)], TrafficOutcome.MOVED),
        ([done("arc.route", THERE), done("arc.route", BACK)], TrafficOutcome.MOVED_BACK),
        ([done("arc.route", THERE), done("arc.route", BACK, undone=True)], TrafficOutcome.MOVED_BACK),
        ([done("route53.shift", HELD)], TrafficOutcome.NOT_MOVED),
        ([done("route53.shift", HELD), done("route53.shift", SHIFTED)], TrafficOutcome.MOVED),
        ([done("api.out_of_service", EAST_OUT), done("api.in_service", WEST_IN)], TrafficOutcome.MOVED),
        ([done("api.out_of_service", EAST_OUT), done("api.in_service", EAST_IN)], TrafficOutcome.MOVED_BACK),
        ([done("arc.route", CHANGED), done("arc.route", CHANGED, undone=True)], TrafficOutcome.MOVED_BACK),
        ([done("gone.route", CHANGED)], TrafficOutcome.UNKNOWN),
        ([done("gone.route", SHIFTED)], TrafficOutcome.MOVED),
    ],
)
def test_traffic_outcome_follows_from_the_claims(entries: list[JournalEntry], outcome: TrafficOutcome) -> None:
    assert assess_traffic(STEPS, entries)[0] is outcome
