"""Each defect that a healthy world can be given is found, and named with its fix; the healthy world has none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from leeward.common.naming.telemetry_names import DomainEventType
from leeward.readiness import readiness_event
from leeward.readiness import report_store as kept
from leeward.readiness.model.findings import FindingStatus, ReadinessVerdict
from leeward.twin.engine import FaultKind
from tests.readiness import defects
from tests.readiness.world import Day, healthy_day

COMMITTED = Path(__file__).parents[2] / "docs" / "schemas" / "leeward-readiness-event.schema.json"
Planter = Callable[[Day], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def day() -> Iterator[Day]:
    with healthy_day() as day:
        yield day


DEFECTS: dict[str, tuple[Planter, str, FindingStatus]] = {
    "replication stalled": (defects.stalled, "replication.state", FindingStatus.FAILED),
    "lag beyond the objective": (defects.lagging, "replication.lag", FindingStatus.FAILED),
    "a server without its tags": (defects.untagged, "replication.group", FindingStatus.FAILED),
    "launch template gone": (defects.no_template, "launch.template", FindingStatus.FAILED),
    "instance type not offered": (
        defects.template_with("InstanceType", "z9.gigantic"), "launch.instance_type", FindingStatus.FAILED,
    ),
    "security group gone": (
        defects.template_with("SecurityGroupIds", ["sg-0123456789abcdef0"]), "launch.security_groups",
        FindingStatus.FAILED,
    ),
    "subnet gone": (
        defects.template_with("NetworkInterfaces", [{"SubnetId": "subnet-0123456789abcdef0"}]),
        "launch.subnet", FindingStatus.FAILED,
    ),
    "subnet full": (defects.full_subnet, "launch.subnet", FindingStatus.FAILED),
    "launched servers stay stopped": (defects.stays_stopped, "launch.disposition", FindingStatus.FAILED),
    "vCPU quota": (defects.small_quota, "quota.vcpus", FindingStatus.FAILED),
    "an endpoint down": (partial(defects.endpoints_down, number=1), "routing.endpoints", FindingStatus.WARNING),
    "three endpoints down": (partial(defects.endpoints_down, number=3), "routing.endpoints", FindingStatus.FAILED),
    "all endpoints down": (partial(defects.endpoints_down, number=5), "routing.controls", FindingStatus.UNKNOWN),
    "no control on": (defects.all_off, "routing.controls", FindingStatus.FAILED),
    "no health check": (defects.no_health_check, "names.health_check", FindingStatus.FAILED),
    "inverted health check": (defects.inverted_health_check, "names.health_check", FindingStatus.FAILED),
    "no record": (defects.no_record, "names.record", FindingStatus.FAILED),
    "target group gone": (defects.no_target_group, "balancer.target_group", FindingStatus.FAILED),
    "target group without load balancer": (defects.target_group_alone, "balancer.target_group", FindingStatus.FAILED),
    "load balancer failed": (defects.balancer_failed, "balancer.state", FindingStatus.FAILED),
    "certificate expires": (partial(defects.certificate, days=12), "balancer.certificate", FindingStatus.WARNING),
    "certificate expired": (partial(defects.certificate, days=-2), "balancer.certificate", FindingStatus.FAILED),
    "state machine gone": (defects.no_machine, "machine.definition", FindingStatus.FAILED),
    "state machine drifted": (defects.drifted_machine, "machine.definition", FindingStatus.FAILED),
    "traffic may not be switched": (
        partial(defects.role_narrowed, action="route53-recovery-cluster:UpdateRoutingControlStates"),
        "permission.task", FindingStatus.FAILED,
    ),
    "servers may not be started": (
        partial(defects.role_narrowed, action="drs:StartRecovery"), "permission.task", FindingStatus.FAILED,
    ),
    "IAM's control plane dark": (defects.iam_dark, "permission.task", FindingStatus.UNKNOWN),
    "function gone": (defects.no_function, "deployment.functions", FindingStatus.FAILED),
    "other code in one Region": (defects.other_code, "deployment.same_code", FindingStatus.FAILED),
    "nobody subscribed": (defects.nobody_told, "deployment.topic", FindingStatus.FAILED),
    "journal without backup": (defects.no_backup, "deployment.journal_backup", FindingStatus.WARNING),
    "lock left behind": (defects.lock_left, "deployment.lock", FindingStatus.FAILED),
    "origin dark": (defects.origin_dark, "deployment.functions", FindingStatus.UNKNOWN),
    "denied": (defects.denied, "replication", FindingStatus.UNKNOWN),
}  # fmt: skip


def test_a_healthy_world_has_no_finding(day: Day) -> None:
    heard: list[Any] = []
    day.stage.engine.interceptor.call_listeners.append(lambda target, given: heard.append((target.name, given)))
    found = day.look()
    day.stage.engine.interceptor.call_listeners.pop()
    assert found.reasons == (), found.summary
    assert (found.verdict, found.score) == (ReadinessVerdict.READY, 100)
    assert len({finding.check for finding in found.findings}) > 20, "every area was looked at"
    latest = kept.read_latest_report(day.table, "website", "failover")
    assert latest is not None, "the answer is kept for the board"
    assert '"verdict":"ready"' in latest
    (entry,) = next(given["Entries"] for name, given in heard if name == "events:PutEvents")
    detail = json.loads(entry["Detail"])
    jsonschema_rs.validate(json.loads(COMMITTED.read_text()), detail)
    told = (detail["verdict"], detail["score"], detail["findings"]["ok"])
    assert (entry["DetailType"], *told) == (DomainEventType.READINESS_LOOKED, "ready", 100, len(found.findings))


def test_the_events_committed_schema_is_what_the_model_says() -> None:
    assert COMMITTED.read_text() == readiness_event.event_schema(), (
        "python -m leeward.readiness.readiness_event > " + str(COMMITTED)
    )


def test_a_bus_that_is_silent_costs_the_answer_nothing(day: Day) -> None:
    rule = day.stage.engine.interceptor.inject_fault("events:PutEvents", FaultKind.CONNECTION_REFUSED, times=None)
    assert day.look().verdict is ReadinessVerdict.READY
    day.stage.engine.interceptor._fault_rules.remove(rule)


def test_its_role_allows_what_it_looks_at_and_no_more(day: Day) -> None:
    """But for what launch templates and listeners may name, and do not name in this world."""
    with day.judged() as (guard, declared):
        # By the names that a deployment gives the functions: the role knows no others.
        assert day.look(functions=None).reasons == ()
    assert (guard.denied_calls, guard.unsupported_policies) == ([], [])
    assert declared - {used.action for used in guard.used_permissions} == {
        "acm:DescribeCertificate", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets",
    }  # fmt: skip


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found(day: Day, name: str) -> None:
    plant, check, status = DEFECTS[name]
    with plant(day):
        found = day.look()
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


def test_the_world_is_well_once_the_defects_are_gone(day: Day) -> None:
    """Otherwise one defect could have been found in the place of another."""
    assert day.look().reasons == ()


def test_a_drill_that_failed_or_is_long_ago(day: Day) -> None:
    changed = day.look(drill_every_seconds=3600)
    assert [(f.check, f.status) for f in changed.reasons] == [("drill.age", FindingStatus.WARNING)]
    never = day.look(drills=[{"runbook": "no-such-drill", "region": "us-west-2"}])
    assert [(f.check, f.status) for f in never.reasons] == [("drill.age", FindingStatus.FAILED)]
    day.drilled("drill", ago=timedelta(hours=1), outcome="failed")
    failed = day.look()
    assert [(f.check, f.status) for f in failed.reasons] == [("drill.age", FindingStatus.FAILED)]
    day.drilled("drill", ago=timedelta(minutes=1), outcome="succeeded")


def test_in_what_time_is_told_with_its_source(day: Day) -> None:
    before = day.look().expected
    assert before.seconds is None
    assert "rehearse" in before.source
    day.drilled("failover", ago=timedelta(days=40), took=timedelta(minutes=21), outcome="succeeded")
    day.drilled("failover", ago=timedelta(days=20), took=timedelta(minutes=25), outcome="succeeded")
    after = day.look().expected
    assert (after.seconds, after.objective_seconds) == (23 * 60, 30 * 60)
    assert "2 runs" in after.source


def test_the_way_back_is_looked_at_too(day: Day) -> None:
    """On a normal day nothing can be launched in the primary Region: that is said, not passed over."""
    found = day.look("failback")
    assert found.verdict is ReadinessVerdict.NOT_READY
    assert {f.check for f in found.reasons if f.status is FindingStatus.FAILED} >= {"replication.group"}
