"""The ticketing service: each planted defect is found and named with its fix; a healthy world has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest

from leeward.readiness.model.findings import FindingStatus, ReadinessVerdict
from tests.readiness import ticketing_defects as defects
from tests.readiness.healthy_worlds import HealthyWorld, healthy_service
from tests.readiness.ticketing_defects import IRELAND, SINGAPORE
from tests.readiness.website_defects import role_narrowed
from tests.support.nonempty import nonempty

Planter = Callable[[HealthyWorld], AbstractContextManager[None]]
FAILED, WARNING, UNKNOWN = FindingStatus.FAILED, FindingStatus.WARNING, FindingStatus.UNKNOWN


@pytest.fixture(scope="module")
def day() -> Iterator[HealthyWorld]:
    with healthy_service() as day:
        yield day


DEFECTS: dict[str, tuple[Planter, str, FindingStatus]] = {
    "no replica in the other Region": (defects.no_replica, "table.replica", FAILED),
    "lag beyond the objective": (defects.lagging, "table.lag", FAILED),
    "replication stands still": (defects.replication_metric_missing, "table.lag", UNKNOWN),
    "no backup here": (partial(defects.no_backup, region=SINGAPORE), "table.backup", WARNING),
    "no backup there": (partial(defects.no_backup, region=IRELAND), "table.backup", WARNING),
    "API deleted": (defects.api_deleted, "api.stage", FAILED),
    "another stage": (defects.other_stage, "api.stage", FAILED),
    "no custom domain": (defects.no_domain, "api.domain", FAILED),
    "another name than the records answer": (defects.domain_with_other_target, "api.domain", FAILED),
    "another certificate": (defects.other_certificate, "api.domain", FAILED),
    "the domain leads nowhere": (defects.domain_unmapped, "api.mapping", FAILED),
    "certificate expires": (partial(defects.expires, days=12), "api.certificate", WARNING),
    "certificate expired": (partial(defects.expires, days=-2), "api.certificate", FAILED),
    "certificate not issued": (defects.pending, "api.certificate", FAILED),
    "certificate gone": (defects.no_certificate, "api.certificate", FAILED),
    "reserved concurrency 0": (defects.function_stopped, "api.concurrency", FAILED),
    "function gone": (defects.function_gone, "api.function", FAILED),
    "other code in one Region": (defects.outdated_function_code, "api.same_code", FAILED),
    "answers errors": (defects.out_of_service, "api.answers", FAILED),
    "no canary": (defects.no_canary, "api.canary", FAILED),
    "health check gone": (defects.no_health_check, "names.health_check", FAILED),
    "health check inverted": (
        partial(defects.health_check_with, name="inverted", value=True), "names.health_check", FAILED,
    ),
    "health check disabled": (
        partial(defects.health_check_with, name="disabled", value=True), "names.health_check", FAILED,
    ),
    "health check asks another path": (
        partial(defects.health_check_with, name="resource_path", value="/"), "names.health_check", FAILED,
    ),
    "no record": (defects.no_record, "names.record", FAILED),
    "record answers another name": (
        partial(defects.record_with, name="records", value=["elsewhere.example.com"]), "names.record", FAILED,
    ),
    "record without a health check": (
        partial(defects.record_with, name="health_check_id", value=None), "names.record", FAILED,
    ),
    "record with a long TTL": (partial(defects.record_with, name="ttl", value=3600), "names.record", FAILED),
    "two primaries": (partial(defects.record_with, name="failover", value="PRIMARY"), "names.record", FAILED),
    "its switch may not be set": (
        partial(role_narrowed, action="dynamodb:PutItem"), "permission.task", FAILED,
    ),
    "origin dark": (partial(defects.region_unavailable, region=IRELAND), "api.stage", UNKNOWN),
    "Route 53's control plane dark": (partial(defects.region_unavailable, region="us-east-1"), "names", UNKNOWN),
    "denied": (partial(defects.denied, operation="apigateway:GetStage"), "api.stage", UNKNOWN),
}  # fmt: skip


def test_healthy_service_has_no_findings(day: HealthyWorld) -> None:
    found = day.check_readiness()
    assert found.reasons == (), found.summary
    assert (found.verdict, found.score) == (ReadinessVerdict.READY, 100)
    areas = {finding.check.partition(".")[0] for finding in found.findings}
    assert areas == {"api", "deployment", "drill", "machine", "names", "permission", "table"}, (
        "and no routing control, which is not in use"
    )


def test_readiness_role_allows_exactly_used_actions(day: HealthyWorld) -> None:
    with day.with_role_enforced() as (guard, declared):
        # By the names that a deployment gives the functions: the role knows no others.
        assert day.check_readiness(functions=None).reasons == ()
    assert (guard.denied_calls, guard.unsupported_policies) == ([], [])
    assert declared - {used.action for used in guard.used_permissions} == set()


@pytest.mark.parametrize("name", DEFECTS)
def test_injected_defect_is_found_with_fix(day: HealthyWorld, name: str) -> None:
    plant, check, status = DEFECTS[name]
    with plant(day):
        found = day.check_readiness()
    own = [finding for finding in found.reasons if finding.check == check]
    assert own, f"{name} was not found: {found.summary}"
    assert status in {finding.status for finding in own}, found.summary
    assert all(finding.fix for finding in own), "a finding names its fix"
    wanted = ReadinessVerdict.NOT_READY if FAILED in {f.status for f in found.findings} else ReadinessVerdict.AT_RISK
    assert (found.verdict, found.score < 100) == (wanted, True)


def test_service_is_healthy_after_defects_are_removed(day: HealthyWorld) -> None:
    """Otherwise one defect could have been found in the place of another."""
    assert day.check_readiness().reasons == ()


def test_replica_lag_is_shown(day: HealthyWorld) -> None:
    (lag,) = [finding for finding in day.check_readiness().findings if finding.check == "table.lag"]
    assert lag.seconds == 1
    assert "up to 1.0s behind" in lag.detail


def test_only_runbooks_of_active_routing_are_required(day: HealthyWorld) -> None:
    machines = {f.subject for f in day.check_readiness().findings if f.check == "machine.definition"}
    assert not [name for name in nonempty(machines) if "weighted" in name or "routing-control" in name]
    assert f"ticketing-failover in {SINGAPORE}" in machines
