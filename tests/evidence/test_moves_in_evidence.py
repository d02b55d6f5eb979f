"""The evidence measures the RTO from steps that moved users, and not from those that held them or moved them back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from leeward.common.claims.all_claims import claims_to_facts
from leeward.common.claims.types.claim import Claim
from leeward.common.claims.types.traffic_claims import ServiceSwitched, TransactionServed, WeightsSet
from leeward.control.journal.run_journal import JournalEvent
from leeward.evidence.from_journal.evidence_builder import build_evidence
from leeward.evidence.model import Evidence
from tests.support.sample_journals import RUN, START, JournalBuilder

HOLD = WeightsSet(record="www", weights="west 0", is_hold=True)
SHIFT = WeightsSet(record="www", weights="west 255")
SERVED = TransactionServed(url="https://www", region="west", times=3)


def evidence_of(*steps: tuple[str, Claim]) -> Evidence:
    """Return the evidence of a run whose steps, of these kinds, end a minute apart with these claims."""
    listed = [{"id": f"step-{n}", "name": kind, "kind": kind} for n, (kind, _) in enumerate(steps)]
    book = JournalBuilder()
    run = {
        "id": RUN, "application": "shop", "runbook": "failover", "origin": "east", "target": "west",
        "started_at": START.isoformat(),
    }  # fmt: skip
    runbook = {
        "application": "shop", "runbook": "failover", "origin": "east", "target": "west",
        "rto_seconds": 3600, "rpo_seconds": 300, "steps": listed,
    }  # fmt: skip
    book.write(JournalEvent.RUN_BEGAN, "failover", run=run, runbook=runbook, execution="arn:x")
    for n, (kind, claim) in enumerate(steps):
        book.write(JournalEvent.STEP_STARTED, f"{kind}: begun", f"step-{n}", 0)
        book.write(JournalEvent.STEP_DONE, claim.text, f"step-{n}", 60, **claims_to_facts([claim]))
    book.write(JournalEvent.RUN_ENDED, "succeeded", outcome="succeeded", error="", cause="")
    return build_evidence(RUN, book.links)


def shifts(evidence: Evidence) -> Sequence[timedelta]:
    return [mark.at - START for mark in evidence.marks if mark.kind == "shift"]


def test_users_are_served_when_the_check_after_the_move_is_done() -> None:
    made = evidence_of(("route53.shift", HOLD), ("route53.shift", SHIFT), ("api.transaction", SERVED))
    assert made.rto.measured_seconds == 180
    assert shifts(made) == [timedelta(minutes=2)]


def test_hold_alone_moves_no_users() -> None:
    made = evidence_of(("route53.shift", HOLD), ("api.transaction", SERVED))
    assert (made.rto.measured_seconds, shifts(made)) == (None, [])
    assert made.rto.basis == "users were not moved"


def test_region_that_is_put_back_in_service_measures_nothing() -> None:
    out, back = (ServiceSwitched(region="east", health=health) for health in ("out of service", "in service"))
    assert evidence_of(("api.out_of_service", out), ("api.in_service", back)).rto.measured_seconds is None
    assert evidence_of(("api.out_of_service", out)).rto.measured_seconds == 60
