"""Least privilege, proven: no call that a role does not allow, and no permission that no rehearsal uses."""

from __future__ import annotations

import pytest

from leeward.infra.inputs.deployment_plan import load_plan
from leeward.infra.permissions import RegionResources, collect_permissions
from leeward.infra.permissions.trigger_roles import list_probe_regions
from leeward.twin.templates.cloud_assembly import CloudAssembly
from tests.rehearsals.triggers.permission_usage import (
    PermissionUsage,
    play_failback_drill,
    play_failover_and_failback,
    play_ticketing_runs,
    play_triggered_runs,
)

pytestmark = pytest.mark.verify("every task of complete runs against its role takes a minute")


@pytest.fixture(scope="module")
def proof(assembly: CloudAssembly) -> PermissionUsage:
    """Everything played; one world after the other."""
    played = PermissionUsage()
    play_failover_and_failback(played, assembly)
    play_failback_drill(played, assembly)
    play_triggered_runs(played, assembly)
    return played


def test_website_runs_end_as_expected(proof: PermissionUsage) -> None:
    assert proof.ends == {
        "website.failover.asks": "FAILED Rejected",
        "website.failover.to-a-point": "FAILED LaunchFailed",
        "website.failover.dies": "ABORTED",
        "website.failover.takes-over": "SUCCEEDED",
        "website.failback.taken-back": "FAILED RouteUnconfirmed",
        "website.failback.returns": "SUCCEEDED",
        "website.failback-drill.half": "FAILED AccessDenied",
        "website.failback-drill.drill": "SUCCEEDED",
    }


def test_deployment_in_origin_triggers_readiness_and_board(proof: PermissionUsage) -> None:
    """CloudFormation's event, handed on from the origin: readiness looks, tells the bus, and the board is written."""
    assert proof.published is not None
    (page,) = proof.published.applications
    assert [one.runbook for one in page.readiness] == ["failover"]
    assert page.readiness[0].at <= proof.published.at
    assert [run.run for run in page.runs if run.outcome == "running"], "the run that an alarm has started"


def test_website_tasks_make_no_denied_call(proof: PermissionUsage) -> None:
    assert (proof.denied, proof.unjudged) == ([], [])


def test_website_roles_have_no_unused_permission(proof: PermissionUsage) -> None:
    """By task: what a task does in one Region it does in the other. What AWS does with a role's credentials, and no
    task itself, is in no record of calls."""
    assert unused_permissions("website", proof) == []


@pytest.fixture(scope="module")
def ticketing_proof(ticketing_assembly: CloudAssembly) -> PermissionUsage:
    played = PermissionUsage()
    play_ticketing_runs(played, ticketing_assembly)
    return played


def test_ticketing_runs_end_as_expected(ticketing_proof: PermissionUsage) -> None:
    assert ticketing_proof.ends == {
        "ticketing.failover.asks": "ABORTED",
        "ticketing.failover.goes": "SUCCEEDED",
        "ticketing.failback.goes": "SUCCEEDED",
        "ticketing.drill.goes": "SUCCEEDED",
    }


def test_ticketing_roles_allow_exactly_used_actions(ticketing_proof: PermissionUsage) -> None:
    assert (ticketing_proof.denied, ticketing_proof.unjudged) == ([], [])
    assert unused_permissions("ticketing", ticketing_proof) == []


def unused_permissions(application: str, proof: PermissionUsage) -> list[str]:
    """The permissions of the application's tasks that no call has needed."""
    planned = load_plan(application, "example")
    declared = {
        (task, action)
        for region in {*planned.application.regions.both, *list_probe_regions(planned.runbooks)}
        for task, allowed in collect_permissions(
            RegionResources.from_names(planned.application, region), planned.runbooks
        ).items()
        for permission in allowed
        if permission.called_via is None
        for action in permission.actions
    }
    return [f"{task}: {action}" for task, action in sorted(declared - {(u.task, u.action) for u in proof.used})]
