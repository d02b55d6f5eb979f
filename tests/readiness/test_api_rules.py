"""How the APIs, records, load balancers, and drills of an application are judged, one difference at a time."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from leeward.control.run.run_index import IndexedRun
from leeward.readiness.checks import declared_records, drill_history, load_balancers, rest_apis
from leeward.readiness.model.findings import FindingStatus, ReadinessFinding, ok
from leeward.readiness.model.readiness_input import DeclaredRecords
from leeward.traffic.checks.http_checks import PageCheckResult
from tests.drs.sample_records import NOW
from tests.readiness.stub_checks import Answers, StubClients, missing, run

UPDATED = "get_function_configuration"
SLOTS = "get_function_concurrency"
OK, WARNING, FAILED, UNKNOWN = FindingStatus.OK, FindingStatus.WARNING, FindingStatus.FAILED, FindingStatus.UNKNOWN
API: dict[str, Any] = {
    "domain": "example.com",
    "stage": "live",
    "apis": {"a": "api-a", "b": "api-b"},
    "endpoints": {"a": "d-a", "b": "d-b"},
    "certificates": {"a": "cert", "b": "cert"},
    "function": "serve",
    "canary": "canary",
    "path": "/health",
    "interval_seconds": 10,
    "threshold": 3,
    "health_checks": {"a": "hc-a", "b": "hc-b"},
}
DOMAIN = {"regionalDomainName": "d-b", "regionalCertificateArn": "cert", "domainNameStatus": "AVAILABLE"}
MAPPED = {"items": [{"restApiId": "x", "stage": "live"}, {"restApiId": "api-b", "stage": "live"}]}


# -- APIs -------------------------------------------------------------------------------------------


def check_api(monkeypatch: pytest.MonkeyPatch, *, passed: bool = True, **answers: Any) -> dict[str, ReadinessFinding]:
    """Return the findings about Region b by name. Region a has the same answers."""
    monkeypatch.setattr(rest_apis, "check_certificate", lambda check, *_: ok(check, "x", "valid"))
    requested: list[tuple[str, float]] = []

    def request(page: Any, timeout: float) -> PageCheckResult:
        requested.append((page.url, timeout))
        return PageCheckResult(passed, "status 200")

    monkeypatch.setattr(rest_apis, "run_check", request)
    given = {
        "get_stage": {"deploymentId": "d"},
        "get_domain_name": DOMAIN,
        "get_base_path_mappings": MAPPED,
        "get_function_configuration": {"CodeSha256": "1"},
        "get_function_concurrency": {},
        "describe_secret": {},
    }
    every = Answers(**given | answers)
    services = dict.fromkeys(("apigateway", "lambda", "secretsmanager"), every)
    found = run(rest_apis.check, StubClients(services=services), apis=[API])
    assert requested == [("https://b.example.com/health", 5)]
    return {name: findings[-1] for name, findings in found.items()}


@pytest.mark.parametrize(
    ("name", "answers", "status", "detail"),
    [
        ("api.stage", {}, OK, "deployment d"),
        ("api.stage", {"get_stage": {}}, FAILED, "the stage has no deployment"),
        ("api.stage", {"get_stage": missing("NotFoundException")}, FAILED, "the API or its stage does not exist"),
        ("api.domain", {}, OK, "d-b is AVAILABLE"),
        (
            "api.domain",
            {"get_domain_name": DOMAIN | {"domainNameStatus": "UPDATING"}},
            FAILED,
            "its status is UPDATING",
        ),
        ("api.domain", {"get_domain_name": DOMAIN | {"domainNameStatus": "A"}}, FAILED, "its status is A"),
        *(
            (
                "api.domain",
                {"get_domain_name": DOMAIN | {"regionalDomainName": name}},
                FAILED,
                f"its Regional endpoint is {name}, but application.yaml has d-b",
            )
            for name in ("d-a", "d-z")
        ),
        *(
            (
                "api.domain",
                {"get_domain_name": DOMAIN | {"regionalCertificateArn": name}},
                FAILED,
                f"its certificate is {name}, not cert",
            )
            for name in ("a", "z")
        ),
        ("api.mapping", {}, OK, "it maps to api-b/live"),
        ("api.mapping", {"get_base_path_mappings": {}}, FAILED, "it maps to nothing, not to api-b/live"),
        (
            "api.mapping",
            {"get_base_path_mappings": {"items": [{"restApiId": "api-b", "stage": "x"}]}},
            FAILED,
            "it maps to api-b/x, not to api-b/live",
        ),
        ("api.function", {}, OK, "its state is Active"),
        ("api.function", {UPDATED: {"State": "Inactive", "CodeSha256": "1"}}, OK, "its state is Inactive"),
        (
            "api.function",
            {UPDATED: {"State": "Pending", "CodeSha256": "1"}},
            FAILED,
            "its state is Pending, and its last update is Successful",
        ),
        *(
            (
                "api.function",
                {UPDATED: {"LastUpdateStatus": update, "CodeSha256": "1"}},
                FAILED if update == "Failed" else OK,
                "its state is Active" + (", and its last update is Failed" if update == "Failed" else ""),
            )
            for update in ("Failed", "InProgress", "Successful")
        ),
        ("api.concurrency", {}, OK, "reserved concurrency: none"),
        ("api.concurrency", {SLOTS: {"ReservedConcurrentExecutions": 1}}, OK, "reserved concurrency: 1"),
        (
            "api.concurrency",
            {SLOTS: {"ReservedConcurrentExecutions": 0}},
            FAILED,
            "its reserved concurrency is 0, so Lambda throttles every request",
        ),
        ("api.same_code", {}, OK, "the same code in both Regions"),
        ("api.answers", {}, OK, "status 200"),
        ("api.answers", {"passed": False}, FAILED, "/health: status 200"),
        ("api.canary", {}, OK, "the secret exists"),
        ("api.canary", {"describe_secret": missing()}, FAILED, "the secret does not exist"),
        (
            "api.canary",
            {"describe_secret": {"DeletedDate": NOW}},
            FAILED,
            "it is scheduled for deletion since 2026-03-01",
        ),
    ],
)
def test_part_of_api_is_judged(
    monkeypatch: pytest.MonkeyPatch, name: str, answers: dict[str, Any], status: FindingStatus, detail: str
) -> None:
    found = check_api(monkeypatch, **answers)[name]
    assert (found.status, found.detail) == (status, detail)


@pytest.mark.parametrize(("a", "b"), [("1", "2"), ("2", "1"), ("1", "1")])
def test_code_of_both_regions_is_compared(monkeypatch: pytest.MonkeyPatch, a: str, b: str) -> None:
    codes = [a, b] * 4  # the function is read in each Region, and then in both again
    found = check_api(monkeypatch, get_function_configuration=lambda **_: {"CodeSha256": codes.pop(0)})
    assert found["api.same_code"].status is (OK if a == b else FAILED)


@pytest.mark.parametrize("operation", ["get_stage", "get_domain_name", "get_function_configuration", "describe_secret"])
def test_unreadable_part_of_api_is_unknown(monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    found = check_api(monkeypatch, **{operation: missing("AccessDeniedException")})
    assert UNKNOWN in {finding.status for finding in found.values()}
    assert FAILED not in {finding.status for finding in found.values()}


# -- records ----------------------------------------------------------------------------------------

CONFIG = {
    "FullyQualifiedDomainName": "b.example.com",
    "ResourcePath": "/health",
    "RequestInterval": 1000,
    "FailureThreshold": 300,
}


def check_names(
    *records: dict[str, Any], config: dict[str, Any] | None = None, **more: Any
) -> dict[str, list[ReadinessFinding]]:
    declared: dict[str, Any] = {
        "policy": "weighted",
        "zone": "Z",
        "record": "www.example.com",
        "type": "CNAME",
        "ttl_seconds": 1000,
        "values": {"b": "b.example.com"},
        "identifiers": {"b": "bee"},
        "health_checks": {"b": "hc-b"},
        "primary": "a",
    }
    checks = [] if config is None else [{"Id": "hc-b", "HealthCheckConfig": config}]
    route53 = Answers(
        list_health_checks={"HealthChecks": checks}, list_resource_record_sets={"ResourceRecordSets": list(records)}
    )
    api = API | {"health_checks": {"b": "hc-b"}, "interval_seconds": 1000, "threshold": 300}
    sets = [DeclaredRecords.model_validate(declared | more).model_dump()]
    return run(declared_records.check, StubClients(route53=route53), apis=[api], record_sets=sets)


def changed(config: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the record as if it came from AWS, with values that are equal but not identical to those of the test."""
    return dict(json.loads(json.dumps(config | more)))


@pytest.mark.parametrize(
    ("more", "detail"),
    [
        ({}, "it requests b.example.com/health"),
        ({"Inverted": True}, "it is inverted"),
        ({"Disabled": True, "Inverted": False}, "it is disabled"),
        ({"RequestInterval": 999}, "RequestInterval is 999, not 1000"),
        ({"FailureThreshold": 301}, "FailureThreshold is 301, not 300"),
        ({"ResourcePath": "/a"}, "ResourcePath is /a, not /health"),
        ({"ResourcePath": "/z", "Disabled": True}, "ResourcePath is /z, not /health; it is disabled"),
    ],
)
def test_health_check_must_be_as_declared(more: dict[str, Any], detail: str) -> None:
    (found,) = check_names(config=changed(CONFIG, **more))["names.health_check"]
    assert (found.status, found.detail) == (FAILED if more else OK, detail)
    assert check_names()["names.health_check"][0].status is FAILED


RECORD: dict[str, Any] = {
    "Name": "www.example.com.",
    "SetIdentifier": "bee",
    "Type": "CNAME",
    "TTL": 1000,
    "Weight": 0,
    "HealthCheckId": "hc-b",
    "ResourceRecords": [{"Value": "b.example.com."}],
}


@pytest.mark.parametrize(
    ("more", "declared", "detail"),
    [
        ({}, {}, None),
        ({"ResourceRecords": [{"Value": "a.example.com"}]}, {}, "it resolves to a.example.com, not b.example.com"),
        ({"ResourceRecords": []}, {}, "it resolves to nothing, not b.example.com"),
        ({"Type": "A"}, {}, "it is of type A, not CNAME"),
        ({"Type": "TXT"}, {}, "it is of type TXT, not CNAME"),
        ({"TTL": 999}, {}, "its TTL is 999 s, not 1000 s"),
        ({"TTL": 1001}, {}, "its TTL is 1001 s, not 1000 s"),
        ({"HealthCheckId": "hc-a"}, {}, "it uses the health check hc-a, not hc-b"),
        ({"HealthCheckId": "hc-z"}, {}, "it uses the health check hc-z, not hc-b"),
        ({"HealthCheckId": None}, {}, "it uses the health check none, not hc-b"),
        ({"HealthCheckId": None}, {"health_checks": {}}, None),
        ({"Weight": None}, {}, "it has no weight"),
        ({"Failover": "SECONDARY"}, {"policy": "failover"}, None),
        ({"Failover": "PRIMARY"}, {"policy": "failover"}, "its Failover is PRIMARY, not SECONDARY"),
        ({"Failover": "PRIMARY"}, {"policy": "failover", "primary": "b"}, None),
        ({"Failover": "SECONDARY"}, {"policy": "failover", "primary": "b"}, "its Failover is SECONDARY, not PRIMARY"),
        ({"Failover": "PRIMARY"}, {"policy": "failover", "primary": "c"}, "its Failover is PRIMARY, not SECONDARY"),
        ({"Region": "b", "Weight": None}, {"policy": "latency"}, None),
        ({"Region": "a"}, {"policy": "latency"}, "its Region is a, not b"),
        ({"Region": "c"}, {"policy": "latency"}, "its Region is c, not b"),
    ],
)
def test_record_must_be_as_declared(more: dict[str, Any], declared: dict[str, Any], detail: str | None) -> None:
    record = changed({name: value for name, value in (RECORD | more).items() if value is not None})
    (found,) = check_names(record, config=CONFIG, **declared)["names.record"]
    assert (found.status, found.detail) == (FAILED if detail else OK, detail or "it resolves to b.example.com")


def test_missing_record_is_named() -> None:
    (found,) = check_names(RECORD | {"SetIdentifier": "other"}, config=CONFIG)["names.record"]
    assert found.detail == "the record bee does not exist, so no users reach this Region"


# -- load balancers ---------------------------------------------------------------------------------

GROUP = "arn:aws:elasticloadbalancing:b:1:targetgroup/home/1"
BALANCER = "arn:aws:elasticloadbalancing:b:1:loadbalancer/app/front/2"


@pytest.mark.parametrize("state", ["active", "active_impaired", "provisioning", "failed", None])
def test_load_balancer_must_be_active(monkeypatch: pytest.MonkeyPatch, state: str | None) -> None:
    monkeypatch.setattr(load_balancers, "check_certificate", lambda check, *_: ok(check, "x", "valid"))
    shown = [{"State": {"Code": state}}] if state else []
    elb = Answers(
        describe_target_groups={"TargetGroups": [{"LoadBalancerArns": [BALANCER]}]},
        describe_load_balancers={"LoadBalancers": shown},
        describe_listeners={"Listeners": [{"Certificates": [{"CertificateArn": "c"}]}, {}]},
    )
    monkeypatch.setattr(StubClients, "elbv2", lambda _self, _region: elb, raising=False)
    found = run(load_balancers.check, StubClients(), target_groups={"b": [GROUP]})
    (balancer,) = found["balancer.state"]
    assert (balancer.status, balancer.subject) == (OK if state == "active" else FAILED, "front in b")
    assert [finding.status for finding in found["balancer.target_group"]] == [OK]
    assert len(found["balancer.certificate"]) == 1


@pytest.mark.parametrize("groups", [[], [{}], [{"LoadBalancerArns": []}]])
def test_target_group_must_have_a_load_balancer(monkeypatch: pytest.MonkeyPatch, groups: list[Any]) -> None:
    elb = Answers(describe_target_groups={"TargetGroups": groups})
    monkeypatch.setattr(StubClients, "elbv2", lambda _self, _region: elb, raising=False)
    found = run(load_balancers.check, StubClients(), target_groups={"b": [GROUP]})
    assert [finding.status for finding in found["balancer.target_group"]] == [FAILED]
    assert len(found) == 1


# -- drills -----------------------------------------------------------------------------------------


def ended(name: str, days: float | None, outcome: str = "succeeded", runbook: str = "drill") -> IndexedRun:
    return IndexedRun(
        application="website", run=name, runbook=runbook, origin="a", target="b", execution="arn",
        began_at=NOW - timedelta(days=100), ended_at=None if days is None else NOW - timedelta(days=days),
        outcome=None if days is None else outcome,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("runs", "status", "detail"),
    [
        ([], FAILED, "no run of it has ended yet"),
        (
            [ended("x", None), ended("a", 1, runbook="a"), ended("z", 1, runbook="z")],
            FAILED,
            "no run of it has ended yet",
        ),
        ([ended("x", 90)], OK, "it last succeeded 90d ago (x)"),
        ([ended("x", 90.5)], WARNING, "it last succeeded 90d12h ago (x)"),
        ([ended("new", 1, "failed"), ended("old", 2)], FAILED, "its last run, new, failed"),
        ([ended("new", 1, "timed out"), ended("old", 2)], FAILED, "its last run, new, timed out"),
        (
            [ended("z", 1, runbook="z"), ended("new", 2), ended("old", 3, "failed")],
            OK,
            "it last succeeded 2d ago (new)",
        ),
    ],
)
def test_last_run_of_drill_must_have_succeeded_lately(
    monkeypatch: pytest.MonkeyPatch, runs: list[IndexedRun], status: FindingStatus, detail: str
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(StubClients, "table", "b", raising=False)
    monkeypatch.setattr(StubClients, "table_in", lambda _self, region: region, raising=False)
    monkeypatch.setattr(drill_history, "list_runs", lambda table, _application: asked.append(table) or runs)
    for region in ("a", "b", "c"):
        (found,) = run(drill_history.check, StubClients(), drills=[{"runbook": "drill", "region": region}])["drill.age"]
        assert (found.status, found.detail) == (status, detail)
    assert asked == ["a", "b", "c"]


def test_application_without_drill_is_warned_of() -> None:
    (found,) = run(drill_history.check, StubClients())["drill.age"]
    assert (found.status, found.detail) == (WARNING, "the application has no drill")
