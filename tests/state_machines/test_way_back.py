"""What is given back when a failback or a drill fails, and in which order; what a drill does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.state_machines.answers import Answer, TaskError, raising, saying
from tests.state_machines.conftest import sample, shop
from tests.state_machines.walk import Walk

FAILBACK, FAILBACK_DRILL = sample("failback").definition, sample("failback-drill").definition
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


def keeps_lock(walk: Walk) -> bool:
    (end,) = walk.called("run-end")
    return bool(end["parameters"]["keep_lock"])


# A failback that fails


@pytest.mark.parametrize(
    ("function", "error"),
    [("drs-recover", "LaunchFailed"), ("alb-register", "NotServing"), ("http-check", "NotServing")],
)
def test_a_failback_that_fails_before_the_users_move_opens_the_fence_again(function: str, error: str) -> None:
    def failing(payload: dict[str, Any]) -> Any:
        if payload["parameters"].get("region") != "us-west-2":
            raise TaskError(error)
        return raising("never", times=0)(payload)

    done = Walk(FAILBACK, {function: failing}).go()
    assert done.outcome[:2] == ("FAILED", error)
    assert done.called("arc-route") == []
    assert set(where(done, "alb-register")) >= {"us-west-2"}
    last = [payload for name, payload in done.calls if name == "alb-register"][-1]
    assert (last["step"]["kind"], last["parameters"]["region"]) == ("alb.deregister", "us-west-2")
    assert len(done.called("drs-reverse")) == 1, "what protects us-west-2 stays"
    assert done.called("drs-discard") == []
    assert not keeps_lock(done)


def test_the_fence_opens_even_when_what_was_launched_cannot_be_terminated() -> None:
    done = walk(FAILBACK, drs_recover=raising("LaunchFailed"), drs_recover_undo=raising("ServiceUnavailable"))
    assert where(done, "alb-register") == ["us-west-2"] * 2
    assert done.outcome[:2] == ("FAILED", "LaunchFailed"), "the failure that led here is what the end tells"
    assert keeps_lock(done), "something is left that a person must look at"
    assert [record["step"]["id"] for record in done.called("record-failure")] == ["launch_the_servers_in_us_east_1"] * 2


def test_the_fence_opens_even_when_nothing_can_be_recorded_of_the_undo() -> None:
    def record(payload: dict[str, Any]) -> Any:
        if payload["parameters"]["policy"] == "continue":
            raise TaskError("Throttled")
        return {"step": payload["step"]["id"], "error": "LaunchFailed", "cause": "because"}

    done = walk(
        FAILBACK, drs_recover=raising("LaunchFailed"), drs_recover_undo=raising("Throttled"), record_failure=record
    )
    assert where(done, "alb-register") == ["us-west-2"] * 2
    assert keeps_lock(done)


def test_a_route_that_cannot_be_taken_back_keeps_the_fence_shut() -> None:
    done = walk(FAILBACK, arc_route=raising("RouteUnconfirmed"))
    assert "us-west-2" not in where(done, "alb-register"), "users may be in us-east-1: two writers never serve"
    assert keeps_lock(done)


def test_what_users_wrote_in_the_target_is_not_given_up_without_a_person() -> None:
    def public(payload: dict[str, Any]) -> Any:
        if payload["parameters"]["checks"][0]["connect_to"] is None:
            raise TaskError("NotServing")
        return raising("never", times=0)(payload)

    done = walk(FAILBACK, http_check=public, ask=saying("abort"))
    assert len(done.called("arc-route")) == 1
    assert "us-west-2" not in where(done, "alb-register")
    assert len(done.called("ask")) == 1


@pytest.mark.parametrize("error", ["ReplicationStalled", "TimedOut"])
def test_a_stalled_replication_asks_a_person(error: str) -> None:
    done = walk(FAILBACK, drs_await_replication=raising(error), ask=saying("abort"))
    assert len(done.called("ask")) == 1
    assert done.called("alb-deregister") == []


def test_nothing_is_retired_before_the_new_protection_is_awaited() -> None:
    def awaiting(payload: dict[str, Any]) -> Any:
        if payload["parameters"]["region"] == "us-west-2":
            raise TaskError("ReplicationStalled")
        return raising("never", times=0)(payload)

    done = walk(FAILBACK, drs_await_replication=awaiting, ask=saying("abort"))
    assert len(done.called("arc-route")) == 1
    assert done.called("drs-retire") == []
    assert done.called("ec2-terminate") == []


# Drills


def test_a_drill_cleans_up_and_moves_no_user() -> None:
    done = walk(sample("drill").definition)
    assert order(done) == [
        "run-begin", "lock-acquire", "preflight", "drs-recover", "drs-recover-undo", "notify", "run-end",
    ]  # fmt: skip
    assert {parameters["is_drill"] for parameters in told(done, "drs-recover")} == {True}
    assert done.called("drs-recover-undo")[0]["step"]["kind"] == "drs.terminate"


def test_a_drill_that_fails_terminates_what_it_launched() -> None:
    done = walk(sample("drill").definition, drs_recover=raising("LaunchFailed", group="home-page"))
    assert done.outcome[:2] == ("FAILED", "LaunchFailed")
    assert [group["name"] for group in told(done, "drs-recover-undo")[0]["groups"]] == GROUPS


def test_a_drill_that_cannot_clean_up_says_so_and_keeps_the_lock() -> None:
    done = walk(
        sample("drill").definition, drs_recover=raising("LaunchFailed"), drs_recover_undo=raising("AccessDenied")
    )
    assert [record["parameters"]["error"]["Error"] for record in done.called("record-failure")[1:]] == ["AccessDenied"]
    assert keeps_lock(done)


def test_a_failback_drill_launches_on_both_sides_and_cleans_up_in_the_order_that_drs_allows() -> None:
    done = walk(FAILBACK_DRILL)
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
    (preflight,) = told(done, "preflight")
    assert (preflight["region"], preflight["direction"]) == ("us-west-2", "FAILOVER")
    assert all(":us-west-2:" in arn for arn in preflight["target_groups"])
    assert {p["direction"] for p in told(done, "drs-recover")} == {"FAILOVER", "FAILBACK"}
    assert told(done, "drs-reverse")[0]["is_drill"] is True
    assert (told(done, "drs-discard")[0]["region"], told(done, "drs-discard")[0]["other_region"]) == (
        "us-east-1", "us-west-2",
    )  # fmt: skip


def test_a_failback_drill_that_fails_takes_back_everything_in_the_same_order() -> None:
    def failing(payload: dict[str, Any]) -> Any:
        if payload["parameters"]["region"] == "us-east-1":
            raise TaskError("LaunchFailed")
        return raising("never", times=0)(payload)

    done = walk(FAILBACK_DRILL, drs_recover=failing)
    back = [(n, p["parameters"]["region"]) for n, p in done.calls if n in ("drs-recover-undo", "drs-discard")]
    assert back == [("drs-recover-undo", "us-east-1"), ("drs-discard", "us-east-1"), ("drs-recover-undo", "us-west-2")]
    assert done.called("drs-discard")[0]["step"]["kind"] == "drs.reverse", "an undo bears its step's kind"
    assert not keeps_lock(done)


def test_a_clean_up_that_fails_may_itself_take_the_rest_back() -> None:
    done = Walk(shop("failback-drill").definition, {"drs-discard": raising("Refused", times=1)}).go()
    assert done.outcome[:2] == ("FAILED", "Refused")
    assert len(done.called("drs-discard")) == 2
    assert where(done, "drs-recover-undo")[-1] == "eu-central-1"
