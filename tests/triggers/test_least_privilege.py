"""Least privilege, proven: no call that a role does not allow, and no permission that no rehearsal uses."""

from __future__ import annotations

import pytest

from leeward.infra.inputs.deployment_plan import load_plan
from leeward.infra.permissions import RegionResources, collect_permissions
from leeward.infra.permissions.trigger_roles import list_probe_regions
from leeward.twin.templates.cloud_assembly import CloudAssembly
from tests.triggers.proof import Proof, drill_of_the_way_back, started_by_itself, there_and_back, ticketing


@pytest.fixture(scope="module")
def proof(assembly: CloudAssembly) -> Proof:
    """Everything played; one world after the other."""
    played = Proof()
    there_and_back(played, assembly)
    drill_of_the_way_back(played, assembly)
    started_by_itself(played, assembly)
    return played


def test_the_runs_end_as_they_are_meant_to(proof: Proof) -> None:
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


def test_a_deployment_in_the_other_region_is_looked_at_and_shown(proof: Proof) -> None:
    """CloudFormation's event, handed on from the origin: readiness looks, tells the bus, and the board is written."""
    assert proof.published is not None
    (page,) = proof.published.applications
    assert [one.runbook for one in page.readiness] == ["failover"]
    assert page.readiness[0].at <= proof.published.at
    assert [run.run for run in page.runs if run.outcome == "running"], "the run that an alarm has started"


def test_no_task_makes_a_call_that_its_role_does_not_allow(proof: Proof) -> None:
    assert (proof.denied, proof.unjudged) == ([], [])


def test_no_role_has_a_permission_that_no_rehearsal_uses(proof: Proof) -> None:
    """By task: what a task does in one Region it does in the other. What AWS does with a role's credentials, and no
    task itself, is in no record of calls."""
    assert unused("website", proof) == []


@pytest.fixture(scope="module")
def ticketing_proof(ticketing_assembly: CloudAssembly) -> Proof:
    played = Proof()
    ticketing(played, ticketing_assembly)
    return played


def test_the_ticketing_services_runs_end_as_they_are_meant_to(ticketing_proof: Proof) -> None:
    assert ticketing_proof.ends == {
        "ticketing.failover.asks": "ABORTED",
        "ticketing.failover.goes": "SUCCEEDED",
        "ticketing.failback.goes": "SUCCEEDED",
        "ticketing.drill.goes": "SUCCEEDED",
    }


def test_the_ticketing_services_roles_allow_each_call_and_nothing_more(ticketing_proof: Proof) -> None:
    assert (ticketing_proof.denied, ticketing_proof.unjudged) == ([], [])
    assert unused("ticketing", ticketing_proof) == []


def unused(application: str, proof: Proof) -> list[str]:
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
