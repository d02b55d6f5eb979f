"""What is given back when a failback or a drill fails, and in which order; what a drill does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.state_machines.conftest import compiled_shop, compiled_website
from tests.state_machines.walks.graph_walker import GraphWalker
from tests.state_machines.walks.scripted_answers import Answer, TaskError, raising, scripted_decisions
from tests.support.nonempty import nonempty

FAILBACK, FAILBACK_DRILL = compiled_website("failback").definition, compiled_website("failback-drill").definition
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


def keeps_lock(walk: GraphWalker) -> bool:
    (end,) = walk.payloads_of("run-end")
    return bool(end["parameters"]["keep_lock"])


# A failback that fails


@pytest.mark.parametrize(
    ("function", "error"),
    [("drs-recover", "LaunchFailed"), ("alb-register", "NotServing"), ("http-check", "NotServing")],
)
def test_failed_failback_before_routing_reopens_fence(function: str, error: str) -> None:
    def failing(payload: dict[str, Any]) -> Any:
        if payload["parameters"].get("region") != "us-west-2":
            raise TaskError(error)
        return raising("never", times=0)(payload)

    done = GraphWalker(FAILBACK, {function: failing}).run()
    assert done.outcome[:2] == ("FAILED", error)
    assert done.payloads_of("arc-route") == []
    assert set(regions_of(done, "alb-register")) >= {"us-west-2"}
    last = [payload for name, payload in done.calls if name == "alb-register"][-1]
    assert (last["step"]["kind"], last["parameters"]["region"]) == ("alb.deregister", "us-west-2")
    assert len(done.payloads_of("drs-reverse")) == 1, "what protects us-west-2 stays"
    assert done.payloads_of("drs-discard") == []
    assert not keeps_lock(done)


def assert_fence_is_open(walk: GraphWalker) -> None:
    """Both target groups of us-west-2 get their servers back."""
    (opened,) = parameters_of(walk, "alb-register")
    assert opened["region"] == "us-west-2"
    groups = [target["target_group_arn"].partition("targetgroup/")[2] for target in opened["targets"]]
    assert [group.partition("/")[0] for group in groups] == ["website-home", "website-catalogue"]


def test_fence_reopens_when_termination_fails() -> None:
    done = walk_with(FAILBACK, drs_recover=raising("LaunchFailed"), drs_recover_undo=raising("ServiceUnavailable"))
    assert_fence_is_open(done)
    assert done.outcome[:2] == ("FAILED", "LaunchFailed"), "the failure that led here is what the end tells"
    assert keeps_lock(done), "something is left that a person must look at"
    assert [record["step"]["id"] for record in done.payloads_of("record-failure")] == [
        "launch_the_servers_in_us_east_1"
    ] * 2


def test_fence_reopens_when_undo_cannot_be_recorded() -> None:
    def record(payload: dict[str, Any]) -> Any:
        if payload["parameters"]["policy"] == "continue":
            raise TaskError("Throttled")
        return {"step": payload["step"]["id"], "error": "LaunchFailed", "cause": "because"}

    done = walk_with(
        FAILBACK, drs_recover=raising("LaunchFailed"), drs_recover_undo=raising("Throttled"), record_failure=record
    )
    assert_fence_is_open(done)
    assert keeps_lock(done)


def test_unconfirmed_route_keeps_fence_closed() -> None:
    done = walk_with(FAILBACK, arc_route=raising("RouteUnconfirmed"))
    assert "us-west-2" not in regions_of(done, "alb-register"), "users may be in us-east-1: two writers never serve"
    assert keeps_lock(done)


def test_failure_after_routing_asks_before_undo() -> None:
    def public(payload: dict[str, Any]) -> Any:
        if payload["parameters"]["checks"][0]["connect_to"] is None:
            raise TaskError("NotServing")
        return raising("never", times=0)(payload)

    done = walk_with(FAILBACK, http_check=public, ask=scripted_decisions("abort"))
    assert len(done.payloads_of("arc-route")) == 1
    assert "us-west-2" not in regions_of(done, "alb-register")
    assert len(done.payloads_of("ask")) == 1


@pytest.mark.parametrize("error", ["ReplicationStalled", "TimedOut"])
def test_stalled_replication_asks_operator(error: str) -> None:
    done = walk_with(FAILBACK, drs_await_replication=raising(error), ask=scripted_decisions("abort"))
    assert len(done.payloads_of("ask")) == 1
    assert done.payloads_of("alb-deregister") == []


def test_retire_waits_for_new_protection() -> None:
    def awaiting(payload: dict[str, Any]) -> Any:
        if payload["parameters"]["region"] == "us-west-2":
            raise TaskError("ReplicationStalled")
        return raising("never", times=0)(payload)

    done = walk_with(FAILBACK, drs_await_replication=awaiting, ask=scripted_decisions("abort"))
    assert len(done.payloads_of("arc-route")) == 1
    assert done.payloads_of("drs-retire") == []
    assert done.payloads_of("ec2-terminate") == []


# Drills


def test_drill_cleans_up_and_routes_nothing() -> None:
    done = walk_with(compiled_website("drill").definition)
    assert called_functions(done) == [
        "run-begin", "lock-acquire", "preflight", "drs-recover", "drs-recover-undo", "notify", "run-end",
    ]  # fmt: skip
    assert {parameters["is_drill"] for parameters in parameters_of(done, "drs-recover")} == {True}
    assert done.payloads_of("drs-recover-undo")[0]["step"]["kind"] == "drs.terminate"


def test_failed_drill_terminates_launched_instances() -> None:
    done = walk_with(
        compiled_website("drill").definition, drs_recover=raising("LaunchFailed", "home-page: no capacity")
    )
    assert done.outcome[:2] == ("FAILED", "LaunchFailed")
    assert [group["name"] for group in parameters_of(done, "drs-recover-undo")[0]["groups"]] == GROUPS


def test_failed_drill_cleanup_keeps_lock() -> None:
    done = walk_with(
        compiled_website("drill").definition,
        drs_recover=raising("LaunchFailed"),
        drs_recover_undo=raising("AccessDenied"),
    )
    assert [record["parameters"]["error"]["Error"] for record in done.payloads_of("record-failure")[1:]] == [
        "AccessDenied"
    ]
    assert keeps_lock(done)


def test_failback_drill_cleans_up_in_drs_order() -> None:
    done = walk_with(FAILBACK_DRILL)
    calls = [(n, p["parameters"].get("region")) for n, p in done.calls if n.startswith("drs-")]
    assert list(dict.fromkeys(calls)) == [
        ("drs-recover", "us-west-2"),
        ("drs-reverse", "us-west-2"),
        ("drs-await-replication", "us-east-1"),
        ("drs-recover", "us-east-1"),
        ("drs-recover-undo", "us-east-1"),
        ("drs-discard", "us-east-1"),
        ("drs-recover-undo", "us-west-2"),
    ]
    (preflight,) = parameters_of(done, "preflight")
    assert (preflight["region"], preflight["direction"]) == ("us-west-2", "FAILOVER")
    assert all(":us-west-2:" in arn for arn in nonempty(preflight["target_groups"]))
    assert {p["direction"] for p in parameters_of(done, "drs-recover")} == {"FAILOVER", "FAILBACK"}
    assert parameters_of(done, "drs-reverse")[0]["is_drill"] is True
    assert (parameters_of(done, "drs-discard")[0]["region"], parameters_of(done, "drs-discard")[0]["other_region"]) == (
        "us-east-1", "us-west-2",
    )  # fmt: skip


def test_failed_failback_drill_cleans_up_in_drs_order() -> None:
    def failing(payload: dict[str, Any]) -> Any:
        if payload["parameters"]["region"] == "us-east-1":
            raise TaskError("LaunchFailed")
        return raising("never", times=0)(payload)

    done = walk_with(FAILBACK_DRILL, drs_recover=failing)
    back = [(n, p["parameters"]["region"]) for n, p in done.calls if n in ("drs-recover-undo", "drs-discard")]
    assert back == [("drs-recover-undo", "us-east-1"), ("drs-discard", "us-east-1"), ("drs-recover-undo", "us-west-2")]
    assert done.payloads_of("drs-discard")[0]["step"]["kind"] == "drs.reverse", "an undo bears its step's kind"
    assert not keeps_lock(done)


def test_failed_cleanup_step_undoes_remaining_steps() -> None:
    done = GraphWalker(compiled_shop("failback-drill").definition, {"drs-discard": raising("Refused", times=1)}).run()
    assert done.outcome[:2] == ("FAILED", "Refused")
    assert len(done.payloads_of("drs-discard")) == 2
    assert regions_of(done, "drs-recover-undo")[-1] == "eu-central-1"
