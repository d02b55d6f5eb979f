"""What follows a failure: defects, questions, retries, going on, going back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.state_machines.answers import Answer, TaskError, raising, saying
from tests.state_machines.conftest import failover, shop
from tests.state_machines.walk import Walk

WEBSITE = failover().definition
SHOP_FAILBACK, DRILL = shop("failback").definition, shop("drill").definition


def website(input: dict[str, Any] | None = None, **answers: Answer) -> Walk:
    return Walk(WEBSITE, {name.replace("_", "-"): answer for name, answer in answers.items()}).go()


def failback(**answers: Answer) -> Walk:
    return Walk(SHOP_FAILBACK, {name.replace("_", "-"): answer for name, answer in answers.items()}).go()


def keeps_lock(walk: Walk) -> bool:
    (end,) = walk.called("run-end")
    return bool(end["parameters"]["keep_lock"])


# Unforeseen


def test_a_defect_stops_the_run_where_it_is_with_the_lock_held() -> None:
    walk = website(arc_route=raising("ZeroDivisionError", "division by zero"))
    assert walk.outcome[:2] == ("FAILED", "ZeroDivisionError")
    assert keeps_lock(walk)
    assert walk.called("record-failure") == []
    assert walk.called("notify") == []


def test_a_defect_in_a_lane_does_the_same() -> None:
    walk = website(drs_recover=raising("KeyError", "'items'", group="catalogue-page"))
    assert walk.outcome[:2] == ("FAILED", "Unforeseen")
    assert "KeyError" in walk.outcome[2]
    assert keeps_lock(walk)


def test_a_failure_that_cannot_be_recorded_is_told_all_the_same() -> None:
    walk = website(arc_route=raising("RouteUnconfirmed", "5 of 5 down"), record_failure=raising("AccessDenied"))
    assert walk.outcome[:2] == ("FAILED", "RouteUnconfirmed")
    assert "5 of 5 down" in walk.outcome[2]
    assert keeps_lock(walk)


def test_lanes_that_fail_unrecorded_are_told_all_the_same() -> None:
    walk = website(drs_recover=raising("LaunchFailed", "no capacity"), record_failure=raising("Throttled"))
    assert walk.outcome[0] == "FAILED"
    assert "LaunchFailed" in walk.outcome[2], "each lane's own task has journaled the words"
    assert keeps_lock(walk)


def test_an_end_that_cannot_be_recorded_is_no_success() -> None:
    walk = website(run_end=raising("Throttled", "slow down"))
    assert walk.outcome[:2] == ("FAILED", "Throttled")
    assert walk.path[-1] == "Record the end"  # where a redrive goes on


def test_a_stop_that_cannot_be_recorded_is_told_with_the_failure() -> None:
    walk = website(arc_route=raising("SafetyRuleBlocked", "rule A"), run_end=raising("Throttled", "slow down"))
    assert walk.outcome[:2] == ("FAILED", "Throttled")
    assert walk.path[-1] == "Record the stop"
    assert "rule A" in walk.called("run-end")[-1]["parameters"]["failure"]["cause"]


# Ask


def test_preflight_asks_and_skip_goes_on() -> None:
    walk = website(preflight=raising("RpoExceeded", "12m behind"), ask=saying("skip"))
    assert walk.outcome[0] == "SUCCEEDED"
    (question,) = walk.called("ask")
    assert question["token"] == "token"
    assert question["parameters"]["default"] == "abort"
    assert "12m behind" in question["parameters"]["failure"]["cause"]


def test_preflight_asks_and_retry_tries_again_with_the_next_attempt() -> None:
    walk = website(preflight=raising("RpoExceeded", times=1), ask=saying("retry"))
    assert walk.outcome[0] == "SUCCEEDED"
    assert [payload["step"]["attempt"] for payload in walk.called("preflight")] == [1, 2]
    assert walk.called("lock-acquire")[0]["step"]["attempt"] == 1


@pytest.mark.parametrize("answer", ["abort", "what?", "States.Timeout", "AccessDenied"])
def test_preflight_asks_and_anything_else_stops(answer: str) -> None:
    reply = raising("AccessDenied") if answer == "AccessDenied" else saying(answer)
    walk = website(preflight=raising("RpoExceeded", "12m behind"), ask=reply)
    assert walk.outcome[:2] == ("FAILED", "RpoExceeded")
    assert walk.called("drs-recover") == []
    assert not keeps_lock(walk)


def test_a_defect_while_asking_keeps_the_lock() -> None:
    walk = website(preflight=raising("NotReady"), ask=raising("KeyError"))
    assert walk.outcome[:2] == ("FAILED", "NotReady")
    assert keeps_lock(walk)


def test_an_approval_can_be_asked_for_again() -> None:
    walk = failback(approval_request=saying("reject", "approve"), ask=saying("retry"))
    assert walk.outcome[0] == "SUCCEEDED"
    assert [payload["step"]["attempt"] for payload in walk.called("approval-request")] == [1, 2]


# Retry, continue


def test_a_retry_is_bounded_and_then_does_what_follows() -> None:
    walk = failback(drs_recover=raising("LaunchFailed"), ask=saying("abort"))
    assert [payload["step"]["attempt"] for payload in walk.called("drs-recover")] == [1, 2, 3]
    assert len(walk.called("ask")) == 1
    assert [payload["parameters"]["policy"] for payload in walk.called("record-failure")] == ["retry 2, then ask"] * 3
    assert walk.outcome[:2] == ("FAILED", "LaunchFailed")


def test_a_retry_that_helps_goes_on_without_asking() -> None:
    walk = failback(drs_recover=raising("LaunchFailed", times=2))
    assert walk.outcome[0] == "SUCCEEDED"
    assert walk.called("ask") == []


def test_retry_by_one_word_is_two_more_tries_and_a_stop() -> None:
    def warm_up(_: dict[str, Any]) -> Any:
        raise TaskError("ColdError")

    walk = Walk(SHOP_FAILBACK, {"shop-warm-up": warm_up}).go()
    assert len(walk.called("shop-warm-up")) == 3
    assert walk.outcome[:2] == ("FAILED", "ColdError")
    assert not keeps_lock(walk), "a team's own error is a failure of the step, not a defect of ours"


def test_continue_goes_on_and_the_failure_is_recorded() -> None:
    walk = failback(preflight=raising("NotReady"))
    assert walk.outcome[0] == "SUCCEEDED"
    (record,) = walk.called("record-failure")
    assert record["step"]["id"] == "look_first"
    assert record["parameters"]["policy"] == "continue"


def test_a_retry_may_be_followed_by_continue() -> None:
    walk = failback(drs_protect=raising("Refused"))
    assert len(walk.called("drs-protect")) == 4
    assert walk.outcome[0] == "SUCCEEDED"


# Undo


def test_undo_goes_back_in_reverse_and_starts_with_the_failed_step() -> None:
    walk = failback(http_check=raising("NotServing", "503"))
    calls = [name for name, _ in walk.calls]
    back = ["arc-route", "shop-cool-down", "alb-deregister", "drs-unprotect", "drs-recover-undo"]
    assert calls[calls.index("http-check") + 1 :] == ["record-failure", *back, "run-end", "run-stop"]
    assert walk.outcome[:2] == ("FAILED", "NotServing")
    assert not keeps_lock(walk)


def test_undo_of_a_route_turns_the_origin_on_again() -> None:
    there, back = failback(http_check=raising("NotServing")).called("arc-route")
    assert there["parameters"]["turn_on"] == back["parameters"]["turn_off"]
    assert there["parameters"]["turn_off"] == back["parameters"]["turn_on"]


def test_undo_starts_at_the_step_that_failed() -> None:
    walk = failback(alb_register=raising("NotServing"))
    assert walk.called("arc-route") == []
    assert walk.called("shop-cool-down") == []
    assert [len(walk.called(name)) for name in ("alb-deregister", "drs-unprotect", "drs-recover-undo")] == [1, 1, 1]


def test_retry_then_undo_tries_first() -> None:
    def route(payload: dict[str, Any]) -> Any:
        if payload["parameters"]["turn_on"][0].endswith("1a2b3c4d"):
            raise TaskError("RouteUnconfirmed")
        return {"detail": "ok"}

    walk = failback(arc_route=route)
    assert [payload["step"]["attempt"] for payload in walk.called("arc-route")] == [1, 2, 2]
    assert len(walk.called("drs-recover-undo")) == 1


def test_an_undo_that_fails_goes_no_further_back_and_keeps_the_lock() -> None:
    walk = failback(http_check=raising("NotServing", "503"), alb_deregister=raising("NotServing"))
    assert walk.called("drs-unprotect") == []
    assert walk.called("drs-recover-undo") == []
    assert keeps_lock(walk)
    assert walk.outcome[:2] == ("FAILED", "NotServing")
    assert "503" in walk.outcome[2], "the failure that led here is what the end tells"
    assert [payload["step"]["id"] for payload in walk.called("record-failure")] == ["check_as_users_do", "register"]


def test_a_drill_takes_back_what_it_launched() -> None:
    walk = Walk(DRILL, {"drs-recover": raising("LaunchFailed")}).go()
    (undo,) = walk.called("drs-recover-undo")
    assert [group["name"] for group in undo["parameters"]["groups"]] == ["database"]
    assert walk.called("drs-recover")[0]["parameters"]["is_drill"] is True
