"""Failover and failback: the payloads of the failback tasks, and their order."""

from __future__ import annotations

from typing import Any

from tests.state_machines.conftest import compiled_shop, compiled_website
from tests.state_machines.walks.graph_walker import GraphWalker
from tests.state_machines.walks.scripted_answers import Answer

FAILBACK = compiled_website("failback").definition
GROUPS = ["database", "home-page", "catalogue-page"]


def walk_with(definition: dict[str, Any], **answers: Answer) -> GraphWalker:
    return GraphWalker(definition, {name.replace("_", "-"): answer for name, answer in answers.items()}).run()


def called_functions(walk: GraphWalker) -> list[str]:
    """The functions in the order of their calls, looks of one step once."""
    found: list[str] = []
    for name, _ in walk.calls:
        if not found or found[-1] != name:
            found.append(name)
    return found


def parameters_of(walk: GraphWalker, function: str) -> list[dict[str, Any]]:
    return [payload["parameters"] for payload in walk.payloads_of(function)]


def regions_of(walk: GraphWalker, function: str) -> list[str]:
    return [parameters["region"] for parameters in parameters_of(walk, function)]


# A failback that goes well


def test_failback_runs_steps_in_order() -> None:
    done = walk_with(FAILBACK)
    assert done.outcome[0] == "SUCCEEDED"
    assert called_functions(done) == [
        "run-begin", "lock-acquire", "drs-reverse", "drs-await-replication", "preflight", "approval-request",
        "alb-deregister", "drs-await-replication", "drs-recover", "drs-protect", "alb-register", "http-check",
        "arc-route", "http-check", "drs-reverse", "drs-await-replication", "drs-retire", "ec2-terminate", "notify",
        "run-end",
    ]  # fmt: skip


def test_failback_calls_both_regions() -> None:
    done = walk_with(FAILBACK)
    there, back = parameters_of(done, "drs-reverse")
    assert (there["region"], there["other_region"]) == ("us-west-2", "us-east-1")
    assert (back["region"], back["other_region"]) == ("us-east-1", "us-west-2")
    assert regions_of(done, "drs-await-replication") == ["us-east-1", "us-east-1", "us-west-2"]
    assert set(regions_of(done, "alb-deregister")) == {"us-west-2"}
    assert set(regions_of(done, "alb-register")) == {"us-east-1"}
    assert regions_of(done, "drs-retire") == ["us-west-2"]
    assert regions_of(done, "ec2-terminate") == ["us-east-1"]


def test_drs_reverse_payload() -> None:
    (parameters,) = parameters_of(walk_with(compiled_website("failover").definition), "drs-reverse")
    assert [group["name"] for group in parameters.pop("groups")] == GROUPS
    assert parameters == {
        "region": "us-west-2",
        "other_region": "us-east-1",
        "tags": True,
        "is_drill": False,
        "if_unreachable": "defer",
    }


def test_await_replication_payload_has_objective_fence_and_direction() -> None:
    caught_up, drained, protected = parameters_of(walk_with(FAILBACK), "drs-await-replication")
    assert [parameters["lag_seconds"] for parameters in (caught_up, drained, protected)] == [300] * 3
    assert [parameters["since"] for parameters in (caught_up, drained, protected)] == [None, "fence", None]
    assert [parameters["direction"] for parameters in (caught_up, protected)] == ["FAILBACK", "FAILOVER"]


def test_fail_back_launches_reversed_servers_in_waves() -> None:
    (launch,) = walk_with(FAILBACK).payloads_of("drs-recover")
    assert launch["step"]["kind"] == "drs.fail_back"
    waves = launch["parameters"].pop("waves")
    assert [[group["name"] for group in wave] for wave in waves] == [["database"], ["home-page", "catalogue-page"]]
    assert waves[0] == [{"name": "database", "tags": {"Application": "website", "Role": "database"}, "expect": 1}]
    assert launch["parameters"] == {
        "is_drill": False,
        "point_in_time": None,
        "region": "us-east-1",
        "direction": "FAILBACK",
        "max_servers_per_job": 100,
        "max_jobs": 20,
        "max_servers_in_jobs": 500,
    }


def test_retire_and_terminate_payloads() -> None:
    done = walk_with(FAILBACK)
    (retire,), (terminate,) = parameters_of(done, "drs-retire"), parameters_of(done, "ec2-terminate")
    assert [group["name"] for group in retire.pop("groups")] == GROUPS
    assert retire == {"region": "us-west-2", "other_region": "us-east-1", "lag_seconds": 300}
    assert [group["name"] for group in terminate.pop("groups")] == GROUPS
    assert terminate == {"region": "us-east-1", "other_region": "us-west-2", "keep": "recovered"}


def test_drs_launch_into_payload() -> None:
    (launch,) = parameters_of(GraphWalker(compiled_shop("spare").definition).run(), "drs-launch-into")
    assert launch["into"] == {
        "cache": {"cache": "i-0a1b2c3d4e5f60718"},
        "database": {"s-11111111111111111": "i-11111111", "database-2": "i-22222222"},
        "web": {"web": {"Role": "web-spare"}},
        "application": {"application": {"Role": "application-spare"}},
    }
    waves = [[group["name"] for group in wave] for wave in launch["waves"]]
    assert waves == [["cache", "database"], ["application"], ["web"]]


def test_drs_recovery_plan_payload() -> None:
    (parameters,) = parameters_of(GraphWalker(compiled_shop("spare").definition).run(), "drs-recovery-plan")
    assert parameters == {"plan_id": "rplan-0123456789abcdef0", "mode": "recovery", "region": "eu-central-1"}
