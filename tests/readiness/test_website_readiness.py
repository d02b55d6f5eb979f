"""Each defect that a healthy world can be given is found, and named with its fix; the healthy world has none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from typing import Any

import jsonschema_rs
import pytest

from leeward.common.naming.telemetry_names import DomainEventType
from leeward.readiness import readiness_event
from leeward.readiness import report_store as kept
from leeward.readiness.model.findings import FindingStatus, ReadinessVerdict
from leeward.twin.engine import FaultKind
from tests.readiness import website_defects
from tests.readiness.healthy_worlds import HealthyWorld, healthy_website
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

COMMITTED = REPOSITORY / "docs" / "schemas" / "leeward-readiness-event.schema.json"
Planter = Callable[[HealthyWorld], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def day() -> Iterator[HealthyWorld]:
    with healthy_website() as day:
        yield day


DEFECTS: dict[str, tuple[Planter, str, FindingStatus]] = {
    "replication stalled": (website_defects.stalled, "replication.state", FindingStatus.FAILED),
    "lag beyond the objective": (website_defects.lagging, "replication.lag", FindingStatus.FAILED),
    "a server without its tags": (website_defects.untagged, "replication.group", FindingStatus.FAILED),
    "launch template gone": (website_defects.no_template, "launch.template", FindingStatus.FAILED),
    "instance type not offered": (
        website_defects.template_with("InstanceType", "z9.gigantic"), "launch.instance_type", FindingStatus.FAILED,
    ),
    "security group gone": (
        website_defects.template_with("SecurityGroupIds", ["sg-0123456789abcdef0"]), "launch.security_groups",
        FindingStatus.FAILED,
    ),
    "subnet gone": (
        website_defects.template_with("NetworkInterfaces", [{"SubnetId": "subnet-0123456789abcdef0"}]),
        "launch.subnet", FindingStatus.FAILED,
    ),
    "subnet full": (website_defects.full_subnet, "launch.subnet", FindingStatus.FAILED),
    "launched servers stay stopped": (website_defects.launch_stays_stopped, "launch.disposition", FindingStatus.FAILED),
    "vCPU quota": (website_defects.small_quota, "quota.vcpus", FindingStatus.FAILED),
    "an endpoint down": (partial(website_defects.endpoints_down, number=1), "routing.endpoints", FindingStatus.WARNING),
    "three endpoints down": (
        partial(website_defects.endpoints_down, number=3), "routing.endpoints", FindingStatus.FAILED,
    ),
    "all endpoints down": (
        partial(website_defects.endpoints_down, number=5), "routing.controls", FindingStatus.UNKNOWN,
    ),
    "no control on": (website_defects.all_controls_off, "routing.controls", FindingStatus.FAILED),
    "no health check": (website_defects.no_health_check, "names.health_check", FindingStatus.FAILED),
    "inverted health check": (website_defects.inverted_health_check, "names.health_check", FindingStatus.FAILED),
    "no record": (website_defects.no_record, "names.record", FindingStatus.FAILED),
    "target group gone": (website_defects.no_target_group, "balancer.target_group", FindingStatus.FAILED),
    "target group without load balancer": (
        website_defects.target_group_alone, "balancer.target_group", FindingStatus.FAILED,
    ),
    "load balancer failed": (website_defects.balancer_failed, "balancer.state", FindingStatus.FAILED),
    "certificate expires": (
        partial(website_defects.certificate, days=12), "balancer.certificate", FindingStatus.WARNING,
    ),
    "certificate expired": (
        partial(website_defects.certificate, days=-2), "balancer.certificate", FindingStatus.FAILED,
    ),
    "state machine gone": (website_defects.no_state_machine, "machine.definition", FindingStatus.FAILED),
    "state machine drifted": (website_defects.drifted_state_machine, "machine.definition", FindingStatus.FAILED),
    "traffic may not be switched": (
        partial(website_defects.role_narrowed, action="route53-recovery-cluster:UpdateRoutingControlStates"),
        "permission.task", FindingStatus.FAILED,
    ),
    "servers may not be started": (
        partial(website_defects.role_narrowed, action="drs:StartRecovery"), "permission.task", FindingStatus.FAILED,
    ),
    "IAM's control plane dark": (website_defects.iam_unavailable, "permission.task", FindingStatus.UNKNOWN),
    "function gone": (website_defects.no_function, "deployment.functions", FindingStatus.FAILED),
    "other code in one Region": (website_defects.outdated_function_code, "deployment.same_code", FindingStatus.FAILED),
    "nobody subscribed": (website_defects.topic_without_subscriber, "deployment.topic", FindingStatus.FAILED),
    "journal without backup": (website_defects.no_backup, "deployment.journal_backup", FindingStatus.WARNING),
    "lock left behind": (website_defects.lock_left_behind, "deployment.lock", FindingStatus.FAILED),
    "origin dark": (website_defects.origin_unavailable, "deployment.functions", FindingStatus.UNKNOWN),
    "denied": (website_defects.denied, "replication", FindingStatus.UNKNOWN),
}  # fmt: skip


def test_healthy_website_has_no_findings(day: HealthyWorld) -> None:
    received: list[Any] = []
    day.stage.engine.interceptor.call_listeners.append(lambda target, given: received.append((target.name, given)))
    found = day.check_readiness()
    day.stage.engine.interceptor.call_listeners.pop()
    assert found.reasons == (), found.summary
    assert (found.verdict, found.score) == (ReadinessVerdict.READY, 100)
    assert len({finding.check for finding in found.findings}) > 20, "every area was looked at"
    latest = kept.read_latest_report(day.table, "website", "failover")
    assert latest is not None, "the answer is kept for the board"
    assert '"verdict":"ready"' in latest
    (entry,) = next(given["Entries"] for name, given in received if name == "events:PutEvents")
    detail = json.loads(entry["Detail"])
    jsonschema_rs.validate(json.loads(COMMITTED.read_text()), detail)
    output = (detail["verdict"], detail["score"], detail["findings"]["ok"])
    assert (entry["DetailType"], *output) == (DomainEventType.READINESS_LOOKED, "ready", 100, len(found.findings))


def test_committed_readiness_event_schema_matches_model() -> None:
    assert COMMITTED.read_text() == readiness_event.event_schema(), (
        "python -m leeward.readiness.readiness_event > " + str(COMMITTED)
    )


def test_unavailable_event_bus_does_not_fail_readiness(day: HealthyWorld) -> None:
    rule = day.stage.engine.interceptor.inject_fault("events:PutEvents", FaultKind.CONNECTION_REFUSED, times=None)
    assert day.check_readiness().verdict is ReadinessVerdict.READY
    day.stage.engine.interceptor._fault_rules.remove(rule)


def test_readiness_role_allows_exactly_used_actions(day: HealthyWorld) -> None:
    """But for what launch templates and listeners may name, and for the recovery instances that this world lacks."""
    with day.with_role_enforced() as (guard, declared):
        # By the names that a deployment gives the functions: the role knows no others.
        assert day.check_readiness(functions=None).reasons == ()
    assert (guard.denied_calls, guard.unsupported_policies) == ([], [])
    assert declared - {used.action for used in guard.used_permissions} == {
        "acm:DescribeCertificate", "ec2:DescribeInstanceStatus", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets",
    }  # fmt: skip


@pytest.mark.parametrize("name", DEFECTS)
def test_injected_defect_is_found_with_fix(day: HealthyWorld, name: str) -> None:
    plant, check, status = DEFECTS[name]
    with plant(day):
        found = day.check_readiness()
    own = [finding for finding in found.reasons if finding.check == check]
    assert own, f"{name} was not found: {found.summary}"
    assert own[0].status is status
    assert own[0].fix, "a finding names its fix"
    assert found.score < 100
    assert found.verdict is (
        ReadinessVerdict.NOT_READY
        if FindingStatus.FAILED in {f.status for f in found.findings}
        else ReadinessVerdict.AT_RISK
    )


def test_website_is_healthy_after_defects_are_removed(day: HealthyWorld) -> None:
    """Otherwise one defect could have been found in the place of another."""
    assert day.check_readiness().reasons == ()


def test_failed_or_old_drill_is_reported(day: HealthyWorld) -> None:
    changed = day.check_readiness(drill_every_seconds=3600)
    assert [(f.check, f.status) for f in changed.reasons] == [("drill.age", FindingStatus.WARNING)]
    never = day.check_readiness(drills=[{"runbook": "no-such-drill", "region": "us-west-2"}])
    assert [(f.check, f.status) for f in never.reasons] == [("drill.age", FindingStatus.FAILED)]
    day.record_drill("drill", ago=timedelta(hours=1), outcome="failed")
    failed = day.check_readiness()
    assert [(f.check, f.status) for f in failed.reasons] == [("drill.age", FindingStatus.FAILED)]
    day.record_drill("drill", ago=timedelta(minutes=1), outcome="succeeded")


def test_expected_duration_names_its_source(day: HealthyWorld) -> None:
    before = day.check_readiness().expected
    assert before.seconds is None
    assert "rehearse" in before.source
    day.record_drill("failover", ago=timedelta(days=40), took=timedelta(minutes=21), outcome="succeeded")
    day.record_drill("failover", ago=timedelta(days=20), took=timedelta(minutes=25), outcome="succeeded")
    after = day.check_readiness().expected
    assert (after.seconds, after.objective_seconds) == (23 * 60, 30 * 60)
    assert "2 runs" in after.source


def test_failback_readiness_is_checked(day: HealthyWorld) -> None:
    """On a normal day nothing can be launched in the primary Region: that is said, not passed over."""
    found = day.check_readiness("failback")
    assert found.verdict is ReadinessVerdict.NOT_READY
    assert {f.check for f in found.reasons if f.status is FindingStatus.FAILED} >= {"replication.group"}


def test_readiness_only_reads_but_for_its_own_report(day: HealthyWorld) -> None:
    calls: list[str] = []
    listeners = day.stage.engine.interceptor.call_listeners
    listeners.append(lambda target, _: calls.append(target.name))
    try:
        day.check_readiness()
    finally:
        listeners.pop()
    reads = ("Describe", "Get", "List", "Query", "Simulate", "BatchGet", "Scan", "Head", "TestDNS", "Lookup")
    others = {name for name in nonempty(calls) if not name.partition(":")[2].startswith(reads)}
    assert others == {"cloudwatch:PutMetricData", "dynamodb:PutItem", "events:PutEvents"}


@pytest.mark.parametrize(("failing", "tries"), [("cloudwatch:PutMetricData", 2), ("events:PutEvents", 1)])
def test_readiness_is_reported_without_metrics_or_event(day: HealthyWorld, failing: str, tries: int) -> None:
    """After a metric that CloudWatch doesn't take, the others are not tried, and the event is still sent."""
    interceptor = day.stage.engine.interceptor
    before = len(interceptor.calls)
    interceptor.inject_fault(failing, FaultKind.CONNECTION_TIMED_OUT, times=tries)
    assert day.check_readiness().reasons == ()
    outcomes = [(call.operation, call.outcome) for call in interceptor.calls[before:]]
    assert [outcome for operation, outcome in outcomes if operation == failing] == ["timed-out"] * tries
    assert [operation for operation, _ in outcomes if operation == "events:PutEvents"] == ["events:PutEvents"]
