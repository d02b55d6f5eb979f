"""How certificates and records are looked up, and what a report makes of findings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leeward.readiness.lookups.certificates import check_certificate
from leeward.readiness.lookups.route53_records import find_record_sets
from leeward.readiness.model.findings import (
    ExpectedDuration,
    FindingStatus,
    ReadinessFinding,
    ReadinessReport,
    failed,
    ok,
    unknown,
    warning,
)
from leeward.readiness.readiness_event import ReadinessEventDetail
from tests.drs.sample_records import NOW
from tests.readiness.stub_checks import Answers, StubClients, inputs

OK, WARNING, FAILED, UNKNOWN = FindingStatus.OK, FindingStatus.WARNING, FindingStatus.FAILED, FindingStatus.UNKNOWN


@pytest.mark.parametrize(
    ("status", "days", "expected"),
    [
        ("ISSUED", 365, OK),
        ("ISSUED", 30, OK),
        ("ISSUED", 29.9, WARNING),
        ("ISSUED", 0.1, WARNING),
        ("ISSUED", 0, FAILED),
        ("ISSUED", -1, FAILED),
        ("ISSUED", None, FAILED),
        ("EXPIRED", 365, FAILED),
        ("PENDING_VALIDATION", 365, FAILED),
    ],
)
def test_certificate_must_be_issued_and_valid_for_a_month(
    status: str, days: float | None, expected: FindingStatus
) -> None:
    expiry = {} if days is None else {"NotAfter": NOW + timedelta(days=days)}
    acm = Answers(describe_certificate={"Certificate": {"Status": status} | expiry})
    clients: Any = StubClients(services={"acm": acm})
    found = check_certificate("x", clients, "b", "arn:aws:acm:b:111122223333:certificate/1")
    assert found.status is expected


def test_records_are_those_of_the_longest_zone() -> None:
    zones = [{"Id": name, "Name": name} for name in ("com.", "example.com.", "b.example.com.", "ample.com.", "z.org.")]
    asked = []

    def records(HostedZoneId: str) -> Any:  # noqa: N803 - AWS's name
        asked.append(HostedZoneId)
        return {"ResourceRecordSets": [{"Name": name} for name in ("WWW.b.example.com.", "a.b.example.com.", "z.")]}

    clients: Any = StubClients(
        route53=Answers(list_hosted_zones={"HostedZones": zones}, list_resource_record_sets=records)
    )
    assert find_record_sets(clients, "www.b.example.com") == [{"Name": "WWW.b.example.com."}]
    assert find_record_sets(clients, "www.b.example.com.", zone="given") == [{"Name": "WWW.b.example.com."}]
    assert asked == ["b.example.com.", "given"]
    assert find_record_sets(clients, "www.elsewhere.net") is None


def report(*findings: ReadinessFinding) -> ReadinessReport:
    expected = ExpectedDuration(seconds=None, objective_seconds=1, source="x")
    return ReadinessReport.from_findings(
        findings, application="website", runbook="failover", region="b", at=datetime.now(UTC), expected=expected
    )


GOOD, WARNED, BROKEN, UNSEEN = (
    ok("a.ok", "x", "good"),
    warning("b.warning", "x", "near", "fix"),
    failed("c.failed", "x", "broken", "fix"),
    unknown("d.unknown", "x", "unseen", "fix"),
)


@pytest.mark.parametrize(
    ("findings", "verdict", "score"),
    [
        ([], "at risk", 0),
        ([GOOD], "ready", 100),
        ([GOOD, WARNED], "at risk", 50),
        ([GOOD, GOOD, UNSEEN], "at risk", 66),
        ([GOOD, BROKEN, UNSEEN], "not ready", 33),
        ([WARNED, BROKEN], "not ready", 0),
    ],
)
def test_verdict_and_score_follow_from_findings(findings: list[ReadinessFinding], verdict: str, score: int) -> None:
    found = report(*findings)
    assert (found.verdict, found.score) == (verdict, score)
    detail = ReadinessEventDetail.from_report(found)
    assert detail.findings == {status: sum(f.status == status for f in findings) for status in FindingStatus}


def test_findings_are_listed_worst_first() -> None:
    assert report(GOOD, WARNED, UNSEEN, BROKEN).findings == (BROKEN, UNSEEN, WARNED, GOOD)
    assert report(GOOD, WARNED, UNSEEN, BROKEN).reasons == (BROKEN, UNSEEN, WARNED)


@pytest.mark.parametrize(
    ("count", "more"), [(1, ""), (3, ""), (4, "; and 1 more"), (5, "; and 2 more"), (13, "; and 10 more")]
)
def test_three_reasons_are_summarized(count: int, more: str) -> None:
    found = report(GOOD, *(failed(f"c.{n:02}", "x", "broken", "fix") for n in range(count)))
    listed = "".join(f"; failed c.{n:02} of x: broken" for n in range(min(count, 3)))
    assert found.summary == f"not ready: 1 of {count + 1} checks passed{listed}{more}"


def test_a_drill_is_expected_every_ninety_days_by_default() -> None:
    assert timedelta(seconds=inputs().drill_every_seconds) == timedelta(days=90)
