"""There and back: what the tasks of the way back are told, in which order."""

from __future__ import annotations

from typing import Any

from tests.state_machines.answers import Answer
from tests.state_machines.conftest import sample, shop
from tests.state_machines.walk import Walk

FAILBACK = sample("failback").definition
GROUPS = ["database", "home-page", "catalogue-page"]


def walk(definition: dict[str, Any], **answers: Answer) -> Walk:
    return Walk(definition, {name.replace("_", "-"): answer for name, answer in answers.items()}).go()


def order(walk: Walk) -> list[str]:
    """The functions in the order of their calls, lanes and looks of one step once."""
    found: list[str] = []
    for name, _ in walk.calls:
        if not found or found[-1] != name:
            found.append(name)
    return found


def told(walk: Walk, function: str) -> list[dict[str, Any]]:
    return [payload["parameters"] for payload in walk.called(function)]


def where(walk: Walk, function: str) -> list[str]:
    return [parameters["region"] for parameters in told(walk, function)]


# A failback that goes well


def test_a_failback_does_its_steps_in_order() -> None:
    done = walk(FAILBACK)
    assert done.outcome[0] == "SUCCEEDED"
    assert order(done) == [
        "run-begin", "lock-acquire", "drs-reverse", "drs-await-replication", "preflight", "approval-request",
        "alb-deregister", "drs-await-replication", "drs-recover", "drs-protect", "alb-register", "http-check",
        "arc-route", "http-check", "drs-reverse", "drs-await-replication", "drs-retire", "ec2-terminate", "notify",
        "run-end",
    ]  # fmt: skip


def test_a_failback_acts_in_both_regions() -> None:
    done = walk(FAILBACK)
    there, back = told(done, "drs-reverse")
    assert (there["region"], there["other_region"]) == ("us-west-2", "us-east-1")
    assert (back["region"], back["other_region"]) == ("us-east-1", "us-west-2")
    assert where(done, "drs-await-replication") == ["us-east-1", "us-east-1", "us-west-2"]
    assert set(where(done, "alb-deregister")) == {"us-west-2"}
    assert set(where(done, "alb-register")) == {"us-east-1"}
    assert where(done, "drs-retire") == ["us-west-2"]
    assert where(done, "ec2-terminate") == ["us-east-1"]


def test_drs_reverse() -> None:
    (parameters,) = told(walk(sample("failover").definition), "drs-reverse")
    assert [group["name"] for group in parameters.pop("groups")] == GROUPS
    assert parameters == {
        "region": "us-west-2",
        "other_region": "us-east-1",
        "tags": True,
        "is_drill": False,
        "if_unreachable": "defer",
    }


def test_drs_await_replication_knows_the_objective_the_fence_and_the_direction() -> None:
    caught_up, drained, protected = told(walk(FAILBACK), "drs-await-replication")
    assert [parameters["lag_seconds"] for parameters in (caught_up, drained, protected)] == [300] * 3
    assert [parameters["since"] for parameters in (caught_up, drained, protected)] == [None, "fence", None]
    assert [parameters["direction"] for parameters in (caught_up, protected)] == ["FAILBACK", "FAILOVER"]


def test_drs_fail_back_launches_what_was_replicated_back_in_waves() -> None:
    payloads = walk(FAILBACK).called("drs-recover")
    assert payloads[0]["step"]["kind"] == "drs.fail_back"
    assert payloads[1]["parameters"]["group"]["name"] in ("home-page", "catalogue-page")
    assert payloads[0]["parameters"] == {
        "group": {"name": "database", "tags": {"Application": "website", "Role": "database"}, "expect": 1},
        "is_drill": False,
        "point_in_time": None,
        "region": "us-east-1",
        "direction": "FAILBACK",
        "max_servers_per_job": 100,
        "max_jobs": 20,
        "max_servers_in_jobs": 500,
    }


def test_drs_retire_and_ec2_terminate() -> None:
    done = walk(FAILBACK)
    (retire,), (terminate,) = told(done, "drs-retire"), told(done, "ec2-terminate")
    assert [group["name"] for group in retire.pop("groups")] == GROUPS
    assert retire == {"region": "us-west-2", "other_region": "us-east-1", "lag_seconds": 300}
    assert [group["name"] for group in terminate.pop("groups")] == GROUPS
    assert terminate == {"region": "us-east-1", "other_region": "us-west-2", "keep": "recovered"}


def test_drs_launch_into() -> None:
    into = {p["group"]["name"]: p["into"] for p in told(Walk(shop("spare").definition).go(), "drs-launch-into")}
    assert into == {
        "cache": {"cache": "i-0a1b2c3d4e5f60718"},
        "database": {"s-11111111111111111": "i-11111111", "database-2": "i-22222222"},
        "web": {"web": {"Role": "web-spare"}},
        "application": {"application": {"Role": "application-spare"}},
    }
    assert list(into)[-1] == "web", "in waves"


def test_drs_recovery_plan() -> None:
    (parameters,) = told(Walk(shop("spare").definition).go(), "drs-recovery-plan")
    assert parameters == {"plan_id": "rplan-0123456789abcdef0", "mode": "recovery", "region": "eu-central-1"}
