"""What follows a failure: defects, questions, retries, going on, going back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.state_machines.conftest import compiled_failover, compiled_shop
from tests.state_machines.walks.graph_walker import GraphWalker
from tests.state_machines.walks.scripted_answers import Answer, TaskError, raising, scripted_decisions, waiting_answer

WEBSITE = compiled_failover().definition
SHOP_FAILBACK, DRILL = compiled_shop("failback").definition, compiled_shop("drill").definition


def website(input: dict[str, Any] | None = None, **answers: Answer) -> GraphWalker:
    return GraphWalker(WEBSITE, {name.replace("_", "-"): answer for name, answer in answers.items()}).run()


def failback(**answers: Answer) -> GraphWalker:
    return GraphWalker(SHOP_FAILBACK, {name.replace("_", "-"): answer for name, answer in answers.items()}).run()


def keeps_lock(walk: GraphWalker) -> bool:
    (end,) = walk.payloads_of("run-end")
    return bool(end["parameters"]["keep_lock"])


# Unforeseen


def test_unexpected_error_stops_run_and_keeps_lock() -> None:
    walk = website(arc_route=raising("UnexpectedError", "ZeroDivisionError: division by zero"))
    assert walk.outcome[:2] == ("FAILED", "UnexpectedError")
    assert "ZeroDivisionError: division by zero" in walk.outcome[2]
    assert keeps_lock(walk)
    assert walk.payloads_of("record-failure") == []
    assert walk.payloads_of("notify") == []


def test_unexpected_error_of_a_poll_stops_run_and_keeps_lock() -> None:
    def failing(payload: dict[str, Any]) -> Any:
        if "attempt" in payload["poll"]:
            raise TaskError("UnexpectedError", "KeyError: 'items'")
        return waiting_answer(payload, done=False)

    walk = website(drs_recover=failing)
    assert walk.outcome[:2] == ("FAILED", "UnexpectedError")
    assert keeps_lock(walk)
    assert walk.payloads_of("record-failure") == []


def test_error_of_an_unknown_name_is_a_failure_of_the_step() -> None:
    """Lambda can report errors by names that nothing lists. After its retries, the step's policy applies."""
    walk = website(arc_route=raising("Lambda.NewException", "the sandbox is gone"))
    assert walk.outcome[:2] == ("FAILED", "Lambda.NewException")
    assert not keeps_lock(walk)
    assert len(walk.payloads_of("record-failure")) == 1


def test_unrecorded_failure_is_still_reported() -> None:
    walk = website(arc_route=raising("RouteUnconfirmed", "5 of 5 down"), record_failure=raising("AccessDenied"))
    assert walk.outcome[:2] == ("FAILED", "RouteUnconfirmed")
    assert "5 of 5 down" in walk.outcome[2]
    assert keeps_lock(walk)


def test_unrecorded_end_is_not_success() -> None:
    walk = website(run_end=raising("Throttled", "slow down"))
    assert walk.outcome[:2] == ("FAILED", "Throttled")
    assert walk.path[-1] == "Record the end"  # where a redrive goes on


def test_unrecorded_stop_is_reported_with_failure() -> None:
    walk = website(arc_route=raising("SafetyRuleBlocked", "rule A"), run_end=raising("Throttled", "slow down"))
    assert walk.outcome[:2] == ("FAILED", "Throttled")
    assert walk.path[-1] == "Record the stop"
    assert "rule A" in walk.payloads_of("run-end")[-1]["parameters"]["failure"]["cause"]


# Ask


def test_preflight_question_answered_skip_continues() -> None:
    walk = website(preflight=raising("RpoExceeded", "12m behind"), ask=scripted_decisions("skip"))
    assert walk.outcome[0] == "SUCCEEDED"
    (question,) = walk.payloads_of("ask")
    assert question["token"] == "token"
    assert question["parameters"]["default"] == "abort"
    assert "12m behind" in question["parameters"]["failure"]["cause"]


def test_preflight_question_answered_retry_repeats_step() -> None:
    walk = website(preflight=raising("RpoExceeded", times=1), ask=scripted_decisions("retry"))
    assert walk.outcome[0] == "SUCCEEDED"
    assert [payload["step"]["attempt"] for payload in walk.payloads_of("preflight")] == [1, 2]
    assert walk.payloads_of("lock-acquire")[0]["step"]["attempt"] == 1


@pytest.mark.parametrize("answer", ["abort", "what?", "States.Timeout", "AccessDenied"])
def test_preflight_question_with_other_answer_stops(answer: str) -> None:
    reply = raising("AccessDenied") if answer == "AccessDenied" else scripted_decisions(answer)
    walk = website(preflight=raising("RpoExceeded", "12m behind"), ask=reply)
    assert walk.outcome[:2] == ("FAILED", "RpoExceeded")
    assert walk.payloads_of("drs-recover") == []
    assert not keeps_lock(walk)


def test_unexpected_error_while_asking_keeps_lock() -> None:
    walk = website(preflight=raising("NotReady"), ask=raising("UnexpectedError"))
    assert walk.outcome[:2] == ("FAILED", "NotReady")
    assert keeps_lock(walk)


def test_approval_can_be_requested_again() -> None:
    walk = failback(approval_request=scripted_decisions("reject", "approve"), ask=scripted_decisions("retry"))
    assert walk.outcome[0] == "SUCCEEDED"
    assert [payload["step"]["attempt"] for payload in walk.payloads_of("approval-request")] == [1, 2]


# Retry, continue


def test_retry_is_bounded_then_applies_next_policy() -> None:
    walk = failback(drs_recover=raising("LaunchFailed"), ask=scripted_decisions("abort"))
    assert [payload["step"]["attempt"] for payload in walk.payloads_of("drs-recover")] == [1, 2, 3]
    assert len(walk.payloads_of("ask")) == 1
    assert [payload["parameters"]["policy"] for payload in walk.payloads_of("record-failure")] == [
        "retry 2, then ask"
    ] * 3
    assert walk.outcome[:2] == ("FAILED", "LaunchFailed")


def test_successful_retry_continues_without_question() -> None:
    walk = failback(drs_recover=raising("LaunchFailed", times=2))
    assert walk.outcome[0] == "SUCCEEDED"
    assert walk.payloads_of("ask") == []


def test_plain_retry_means_two_retries_then_stop() -> None:
    def warm_up(_: dict[str, Any]) -> Any:
        raise TaskError("ColdError")

    walk = GraphWalker(SHOP_FAILBACK, {"shop-warm-up": warm_up}).run()
    assert len(walk.payloads_of("shop-warm-up")) == 3
    assert walk.outcome[:2] == ("FAILED", "ColdError")
    assert not keeps_lock(walk), "a team's own error is a failure of the step, not a defect of ours"


def test_continue_policy_records_failure_and_goes_on() -> None:
    walk = failback(preflight=raising("NotReady"))
    assert walk.outcome[0] == "SUCCEEDED"
    (record,) = walk.payloads_of("record-failure")
    assert record["step"]["id"] == "look_first"
    assert record["parameters"]["policy"] == "continue"


def test_retry_then_continue() -> None:
    walk = failback(drs_protect=raising("Refused"))
    assert len(walk.payloads_of("drs-protect")) == 4
    assert walk.outcome[0] == "SUCCEEDED"


# Undo


def test_undo_runs_in_reverse_from_failed_step() -> None:
    walk = failback(http_check=raising("NotServing", "503"))
    calls = [name for name, _ in walk.calls]
    back = ["arc-route", "shop-cool-down", "alb-deregister", "drs-unprotect", "drs-recover-undo", "alb-register"]
    assert calls[calls.index("http-check") + 1 :] == ["record-failure", *back, "run-end", "run-stop"]
    assert walk.outcome[:2] == ("FAILED", "NotServing")
    assert not keeps_lock(walk)


def test_undo_of_route_turns_origin_on() -> None:
    there, back = failback(http_check=raising("NotServing")).payloads_of("arc-route")
    assert there["parameters"]["turn_on"] == back["parameters"]["turn_off"]
    assert there["parameters"]["turn_off"] == back["parameters"]["turn_on"]


def test_undo_starts_at_failed_step() -> None:
    walk = failback(alb_register=raising("NotServing"))
    assert walk.payloads_of("arc-route") == []
    assert walk.payloads_of("shop-cool-down") == []
    assert [len(walk.payloads_of(name)) for name in ("alb-deregister", "drs-unprotect", "drs-recover-undo")] == [
        2,  # the fence, and the undo of the registration
        1,
        1,
    ]


def test_retry_then_undo_retries_first() -> None:
    def route(payload: dict[str, Any]) -> Any:
        if payload["parameters"]["turn_on"][0].endswith("1a2b3c4d"):
            raise TaskError("RouteUnconfirmed")
        return waiting_answer(payload, done=True)

    walk = failback(arc_route=route)
    assert [payload["step"]["attempt"] for payload in walk.payloads_of("arc-route")] == [1, 2, 2]
    assert len(walk.payloads_of("drs-recover-undo")) == 1


def test_failed_undo_stops_and_keeps_lock() -> None:
    def deregister(payload: dict[str, Any]) -> Any:
        if payload["step"]["id"] == "register":
            raise TaskError("NotServing")
        return waiting_answer(payload, done=True)

    walk = failback(http_check=raising("NotServing", "503"), alb_deregister=deregister)
    assert walk.payloads_of("drs-unprotect") == []
    assert walk.payloads_of("drs-recover-undo") == []
    assert keeps_lock(walk)
    assert walk.outcome[:2] == ("FAILED", "NotServing")
    assert "503" in walk.outcome[2], "the failure that led here is what the end tells"
    assert [payload["step"]["id"] for payload in walk.payloads_of("record-failure")] == [
        "check_as_users_do",
        "register",
    ]


def test_failed_drill_terminates_launched_instances() -> None:
    walk = GraphWalker(DRILL, {"drs-recover": raising("LaunchFailed")}).run()
    (undo,) = walk.payloads_of("drs-recover-undo")
    assert [group["name"] for group in undo["parameters"]["groups"]] == ["database"]
    assert walk.payloads_of("drs-recover")[0]["parameters"]["is_drill"] is True
