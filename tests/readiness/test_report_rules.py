"""How certificates and records are looked up, and what a report makes of findings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leeward.common.errors import AccessDenied, NotFound
from leeward.control.run.run_index import IndexedRun
from leeward.readiness import evaluation
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
from leeward.readiness.model.readiness_check import ReadinessCheck
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


def past_run(minutes: float | None, outcome: str = "succeeded", runbook: str = "failover") -> IndexedRun:
    return IndexedRun(
        application="website", run="r", runbook=runbook, origin="a", target="b", execution="arn", began_at=NOW,
        ended_at=None if minutes is None else NOW + timedelta(minutes=minutes), outcome=outcome,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("runs", "seconds", "source"),
    [
        ([], None, "no run of failover has succeeded yet: see leeward plan, or rehearse it"),
        ([past_run(5)], 300, "the median of 1 runs that succeeded"),
        ([past_run(5), past_run(60), past_run(7)], 420, "the median of 3 runs that succeeded"),
        (
            [past_run(5), past_run(1, "failed"), past_run(1, "timed out"), past_run(None),
             past_run(1, runbook="a"), past_run(1, runbook="z")],
            300,
            "the median of 1 runs that succeeded",
        ),
    ],
)  # fmt: skip
def test_expected_duration_is_the_median_of_successful_runs(
    monkeypatch: pytest.MonkeyPatch, runs: list[IndexedRun], seconds: int | None, source: str
) -> None:
    monkeypatch.setattr(evaluation, "list_checks", lambda: ())
    monkeypatch.setattr(evaluation, "list_runs", lambda _table, _application: runs)
    monkeypatch.setattr(StubClients, "table", None, raising=False)
    clients: Any = StubClients()
    expected = evaluation.evaluate_readiness(inputs(), clients).expected
    assert (expected.seconds, expected.objective_seconds, expected.source) == (seconds, 3600, source)


@pytest.mark.parametrize(
    ("error", "detail", "fix"),
    [
        (NotFound("gone"), "NotFound: gone", "check again"),
        (AccessDenied("no"), "AccessDenied: no", "grant the permission that the message names"),
        (KeyError("x"), "the check failed unexpectedly: KeyError: 'x'", "report this to the author of the check"),
    ],
)
def test_error_of_a_check_keeps_its_findings(
    monkeypatch: pytest.MonkeyPatch, error: Exception, detail: str, fix: str
) -> None:
    def check(_inputs: object, _clients: object) -> Iterator[ReadinessFinding]:
        yield GOOD
        raise error

    monkeypatch.setattr(evaluation, "list_checks", lambda: (ReadinessCheck("area", check),))
    monkeypatch.setattr(evaluation, "list_runs", lambda _table, _application: [])
    monkeypatch.setattr(StubClients, "table", None, raising=False)
    clients: Any = StubClients()
    assert evaluation.evaluate_readiness(inputs(), clients).findings == (unknown("area", "website", detail, fix), GOOD)
