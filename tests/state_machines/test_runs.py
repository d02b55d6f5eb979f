"""What the graph does when things go well, and when they do not: walked with scripted answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.state_machines.answers import Answer, progress, raising, saying
from tests.state_machines.conftest import failover, shop
from tests.state_machines.walk import Walk

WEBSITE = failover().definition
SHOP_FAILOVER, DRILL = shop("failover").definition, shop("drill").definition


def website(input: dict[str, Any] | None = None, **answers: Answer) -> Walk:
    return Walk(WEBSITE, {name.replace("_", "-"): answer for name, answer in answers.items()}, input or {}).go()


def keeps_lock(walk: Walk) -> bool:
    (end,) = walk.called("run-end")
    return bool(end["parameters"]["keep_lock"])


# A run that goes well


def test_a_good_run_does_the_steps_in_order() -> None:
    walk = website()
    assert walk.outcome == ("SUCCEEDED", "", "")
    order = ["run-begin", "lock-acquire", "preflight", "approval-request", "drs-recover", "drs-protect", "alb-register"]
    order += ["http-check", "arc-route", "http-check", "drs-reverse", "notify", "run-end"]
    assert list(dict.fromkeys(name for name, _ in walk.calls)) == list(dict.fromkeys(order))
    (end,) = walk.called("run-end")
    assert end["parameters"] == {"outcome": "succeeded", "keep_lock": False}


def test_waves_follow_the_order_of_the_groups() -> None:
    groups = [payload["parameters"]["group"]["name"] for payload in website().called("drs-recover")]
    assert groups[0] == "database"
    assert sorted(groups[1:]) == ["catalogue-page", "home-page"]


def test_the_first_state_keeps_the_run_and_not_the_input() -> None:
    walk = website({"approve": True})
    assert walk.data["run"] == {"id": "run-1", "approved": True}
    assert set(walk.data["attempts"].values()) == {1}
    assert "approve" not in walk.data


def test_a_run_approved_at_its_start_does_not_ask() -> None:
    assert website({"approve": True}).called("approval-request") == []
    assert len(website().called("approval-request")) == 1


# Skipping


def _skipping(*steps: str) -> Answer:
    return lambda _payload: {"id": "run-1", "approved": False, "skip": dict.fromkeys(steps, True)}


def test_a_step_that_the_input_skips_is_passed_over() -> None:
    walk = website(run_begin=_skipping("protect_the_recovered_servers"))
    assert walk.outcome == ("SUCCEEDED", "", "")
    assert walk.called("drs-protect") == []
    assert walk.called("alb-register")


def test_nobody_can_skip_the_lock_or_the_approval() -> None:
    walk = website(run_begin=_skipping("take_the_lock", "ask_for_approval"))
    assert walk.called("lock-acquire")
    assert walk.called("approval-request")


# Waiting


def test_a_wait_looks_until_it_is_done() -> None:
    def recovered(payload: dict[str, Any]) -> Any:
        return progress(payload, done=payload["poll"].get("attempt", 0) >= 3)

    walk = website(drs_recover=recovered)
    looks = [
        payload["poll"]
        for payload in walk.called("drs-recover")
        if payload["parameters"]["group"]["name"] == "database"
    ]
    assert [poll.get("attempt") for poll in looks] == [None, 1, 2, 3]
    assert "started_at" not in looks[0]
    assert looks[1]["started_at"] == "2026-03-01T09:00:00Z"
    assert walk.outcome[0] == "SUCCEEDED"


def test_a_wait_that_is_over_time_fails_the_step_with_what_was_last_seen() -> None:
    walk = website(http_check=lambda p: progress(p, done=False, seconds=300, detail="502 from /catalogue"))
    assert walk.outcome == ("FAILED", "TimedOut", "Not done within 5m. Last seen: 502 from /catalogue")
    assert walk.called("arc-route") == []


def test_a_wait_ends_even_when_the_clock_stands_still() -> None:
    walk = website(http_check=lambda p: progress(p, done=False, seconds=0))
    assert walk.outcome[1] == "TimedOut"
    assert len(walk.called("http-check")) < 60


def test_done_at_the_last_moment_is_done() -> None:
    assert website(http_check=lambda p: progress(p, done=True, seconds=9999)).outcome[0] == "SUCCEEDED"


def test_a_wait_takes_its_time() -> None:
    walk = Walk(DRILL).go()
    assert walk.waited == 300
    assert walk.outcome[0] == "SUCCEEDED"


# Stop


def test_a_server_that_does_not_launch_stops_the_run_before_any_traffic_moves() -> None:
    walk = website(drs_recover=raising("LaunchFailed", "s-1: no capacity", group="home-page"))
    assert walk.outcome[:2] == ("FAILED", "LaunchFailed")
    assert "s-1: no capacity" in walk.outcome[2]
    assert walk.called("arc-route") == []
    assert not keeps_lock(walk)
    (record,) = walk.called("record-failure")
    assert record["parameters"]["policy"] == "stop"
    lanes = {lane["group"]: lane["outcome"] for lane in record["parameters"]["branches"]}
    assert lanes == {"home-page": "failed", "catalogue-page": "done"}


def test_a_failed_wave_starts_no_further_wave() -> None:
    walk = website(drs_recover=raising("LaunchFailed", group="database"))
    assert {payload["parameters"]["group"]["name"] for payload in walk.called("drs-recover")} == {"database"}


def test_a_refused_input_is_told_in_plain_words() -> None:
    walk = website(run_begin=raising("InvalidInput", "unknown key: aprove"))
    assert walk.outcome == ("FAILED", "InvalidInput", "unknown key: aprove")
    assert [name for name, _ in walk.calls] == ["run-begin"]


def test_an_input_that_is_no_object_still_fails_with_the_cause() -> None:
    walk = Walk(WEBSITE, {"run-begin": raising("Boom")}, input=["a list"]).go()
    assert walk.outcome[:2] == ("FAILED", "Boom")


def test_silence_rejects_where_the_runbook_says_so() -> None:
    walk = website(approval_request=saying("States.Timeout"))
    assert walk.outcome == ("FAILED", "Rejected", "Nobody answered within 15m, and silence is a no")


def test_silence_approves_where_the_runbook_says_so() -> None:
    walk = Walk(SHOP_FAILOVER, {"approval-request": saying("States.Timeout")}).go()
    assert walk.outcome[0] == "SUCCEEDED"
    assert walk.data["decision"]["by"] == "nobody"


def test_a_rejection_says_who_and_why() -> None:
    assert website(approval_request=saying("reject")).outcome == ("FAILED", "Rejected", "alice said no: I looked")


@pytest.mark.parametrize("answer", [{}, {"decision": "reject"}, {"decision": "maybe", "by": 3}, "approve", None])
def test_an_answer_that_is_no_clear_yes_is_a_no(answer: Any) -> None:
    walk = website(approval_request=lambda _: answer)
    assert walk.outcome[:2] == ("FAILED", "Rejected")
    assert walk.called("drs-recover") == []


@pytest.mark.parametrize("answer", [{}, "skip", None, {"by": "alice"}])
def test_an_answer_that_no_one_understands_is_abort(answer: Any) -> None:
    walk = website(preflight=raising("RpoExceeded"), ask=lambda _: answer)
    assert walk.outcome[:2] == ("FAILED", "RpoExceeded")
