"""How tables, functions, and topics are judged, in each state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leeward.readiness.checks import (
    deployment,
    global_tables,
)
from leeward.readiness.model.findings import (
    FindingStatus,
    ReadinessFinding,
)
from leeward.readiness.model.readiness_input import ReplicatedTable
from tests.drs.sample_records import NOW
from tests.readiness.stub_checks import Answers, StubClients, inputs, missing, run

OK, WARNING, FAILED, UNKNOWN = FindingStatus.OK, FindingStatus.WARNING, FindingStatus.FAILED, FindingStatus.UNKNOWN


def table_findings(
    described: Any, points: Any = ({"Maximum": 1.0},), backups: str | None = "ENABLED"
) -> dict[str, list[ReadinessFinding]]:
    recovery = {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": backups}} if backups else {}
    shown = described if isinstance(described, Exception) else {"Table": described}
    dynamodb = Answers(describe_table=shown, describe_continuous_backups={"ContinuousBackupsDescription": recovery})

    def statistics(**request: Any) -> Any:
        assert (request["StartTime"], request["EndTime"]) == (NOW - timedelta(minutes=15), NOW)
        assert request["Period"] == 60
        return {"Datapoints": list(points)}

    metrics = points if isinstance(points, Exception) else statistics
    services = {"dynamodb": dynamodb, "cloudwatch": Answers(get_metric_statistics=metrics)}
    tables = [ReplicatedTable(name="t", backups=backups is not None).model_dump()]
    return run(global_tables.check, StubClients(services=services), tables=tables)


def described(status: str = "ACTIVE", **replicas: str | None) -> dict[str, Any]:
    shown = [{"RegionName": name} | ({"ReplicaStatus": state} if state else {}) for name, state in replicas.items()]
    return {"TableStatus": status, "Replicas": shown}


@pytest.mark.parametrize("status", ["ACTIVE", "AAA", "UPDATING", "DELETING"])
def test_table_and_replica_must_be_active(status: str) -> None:
    own, other = table_findings(described(status, a=None))["table.replica"]
    assert (own.status, other.status) == (OK if status == "ACTIVE" else FAILED, OK)
    own, other = table_findings(described(a=status))["table.replica"]
    assert (own.status, other.status) == (OK, OK if status == "ACTIVE" else FAILED)
    assert status == "ACTIVE" or other.detail == f"the replica is {status}"


def test_replica_in_origin_must_exist() -> None:
    _, other = table_findings(described(c="ACTIVE"))["table.replica"]
    assert (other.status, other.subject) == (FAILED, "t in a")
    (absent,) = table_findings(missing())["table.replica"]
    assert (absent.status, absent.detail) == (FAILED, "the table does not exist")


def test_table_after_a_missing_one_is_checked() -> None:
    def describe(TableName: str) -> Any:  # noqa: N803 - AWS's name
        if TableName == "gone":
            raise missing()
        return {"Table": described(a=None)}

    metrics = Answers(get_metric_statistics={"Datapoints": [{"Maximum": 1.0}]})
    services = {"dynamodb": Answers(describe_table=describe), "cloudwatch": metrics}
    tables = [ReplicatedTable(name=name, backups=False).model_dump() for name in ("gone", "kept")]
    found = run(global_tables.check, StubClients(services=services), tables=tables)["table.replica"]
    assert [(finding.subject, finding.status) for finding in found] == [
        ("gone in b", FAILED), ("kept in b", OK), ("kept in a", OK),
    ]  # fmt: skip


@pytest.mark.parametrize("version", [None, "2019.11.21", "2017.11.29", "2030.1.1"])
def test_other_versions_of_global_tables_are_warned_of(version: str | None) -> None:
    shown = described(a=None) | ({"GlobalTableVersion": version} if version else {})
    found = table_findings(shown).get("table.version", [])
    assert [finding.status for finding in found] == ([] if version in (None, "2019.11.21") else [WARNING])


@pytest.mark.parametrize(
    ("maximum", "status"), [(0, OK), (150_000, OK), (150_001, WARNING), (300_000, WARNING), (300_001, FAILED)]
)
def test_lag_of_table_is_compared_with_the_objective(maximum: int, status: FindingStatus) -> None:
    (found,) = table_findings(described(a=None), [{"Maximum": 0.0}, {"Maximum": maximum}])["table.lag"]
    assert (found.status, found.seconds) == (status, maximum / 1000)
    assert found.detail == f"up to {maximum / 1000:.1f}s behind, the objective is 5m"


def test_unreadable_or_missing_lag_is_unknown() -> None:
    for points in ([], missing("AccessDenied")):
        assert table_findings(described(a=None), points)["table.lag"][0].status is UNKNOWN


@pytest.mark.parametrize("backups", ["ENABLED", "DISABLED", "FAILING"])
def test_backups_must_be_enabled_in_both_regions(backups: str) -> None:
    found = table_findings(described(a=None), backups=backups)["table.backup"]
    assert [finding.status for finding in found] == [OK if backups == "ENABLED" else WARNING] * 2
    assert "table.backup" not in table_findings(described(a=None), backups=None)


def functions(**code: str) -> Answers:
    shown = [{"FunctionName": f"leeward-website-{name}", "CodeSha256": sha} for name, sha in code.items()]
    return Answers(list_functions={"Functions": [*shown, {"FunctionName": "other", "CodeSha256": "x"}]})


@pytest.mark.parametrize(
    ("a", "b", "statuses", "same"),
    [
        ({"x": "1", "y": "2"}, {"x": "1", "y": "2"}, [OK, OK], OK),
        ({"x": "1"}, {"x": "1", "y": "2"}, [FAILED, OK], OK),
        ({"x": "1", "y": "2"}, {"x": "0", "y": "2"}, [OK, OK], FAILED),
        ({"x": "1", "y": "2"}, {"x": "2", "y": "2"}, [OK, OK], FAILED),
        ({}, {}, [FAILED], None),
    ],
)
def test_functions_of_both_regions_must_be_the_same(
    a: dict[str, str], b: dict[str, str], statuses: list[FindingStatus], same: FindingStatus | None
) -> None:
    clients: Any = StubClients(services={"lambda": {"a": functions(**a), "b": functions(**b)}})
    findings = list(deployment._check_functions(inputs(functions="leeward-website-"), clients, ["a", "b"]))
    assert [f.status for f in findings if f.check == "deployment.functions"] == statuses
    assert [f.status for f in findings if f.check == "deployment.same_code"] == ([] if same is None else [same])


@pytest.mark.parametrize(
    ("status", "recovery", "expected"),
    [
        ("ACTIVE", "ENABLED", [OK, OK]),
        ("CREATING", "ENABLED", [FAILED, OK]),
        ("AAA", "ENABLED", [FAILED, OK]),
        ("ACTIVE", "DISABLED", [OK, WARNING]),
        ("ACTIVE", "FAILING", [OK, WARNING]),
    ],
)
def test_journal_table_must_be_active_with_backups(status: str, recovery: str, expected: list[FindingStatus]) -> None:
    backups = {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": recovery}}
    dynamodb = Answers(
        describe_table={"Table": {"TableStatus": status}},
        describe_continuous_backups={"ContinuousBackupsDescription": backups},
    )
    clients: Any = StubClients(services={"dynamodb": dynamodb})
    assert [finding.status for finding in deployment._check_table(clients, "a")] == expected


@pytest.mark.parametrize(
    ("arns", "status", "detail"),
    [
        ([], FAILED, "no subscription is confirmed, so operators get no notifications"),
        (["PendingConfirmation"], FAILED, "no subscription is confirmed, so operators get no notifications"),
        (["arn:1", "PendingConfirmation", "zzz"], OK, "2 confirmed subscriptions"),
    ],
)
def test_topic_needs_a_confirmed_subscription(arns: list[str], status: FindingStatus, detail: str) -> None:
    def subscriptions(TopicArn: str) -> Any:  # noqa: N803 - AWS's name
        assert TopicArn == "arn:aws:sns:a:1:team"
        return {"Subscriptions": [{"SubscriptionArn": arn} for arn in arns]}

    clients: Any = StubClients(services={"sns": Answers(list_subscriptions_by_topic=subscriptions)})
    found = deployment._check_topic(clients, "a")
    assert (found.status, found.detail, found.subject) == (status, detail, "team in a")


def test_unreadable_region_says_nothing_about_the_other() -> None:
    services = {"lambda": {"a": Answers(list_functions=missing("AccessDeniedException")), "b": functions(x="1")}}
    clients: Any = StubClients(services=services)
    findings = list(deployment._check_functions(inputs(functions="leeward-website-"), clients, ["a", "b"]))
    assert [(finding.subject, finding.status) for finding in findings] == [("a", UNKNOWN)]
    single = list(deployment._check_functions(inputs(functions="leeward-website-"), clients, ["b"]))
    assert [finding.status for finding in single] == [OK, OK]
