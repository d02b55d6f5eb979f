"""What the graph does when things go well, and when they do not: walked with scripted answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.state_machines.conftest import compiled_failover, compiled_shop
from tests.state_machines.walks.graph_walker import GraphWalker
from tests.state_machines.walks.scripted_answers import (
    FIRST_HEAD,
    Answer,
    TaskError,
    begun,
    raising,
    scripted_decisions,
    waiting_answer,
)
from tests.support.website_session import compile_website, replace_text

WEBSITE = compiled_failover().definition
SHOP_FAILOVER, DRILL = compiled_shop("failover").definition, compiled_shop("drill").definition


def website(input: dict[str, Any] | None = None, **answers: Answer) -> GraphWalker:
    return GraphWalker(WEBSITE, {name.replace("_", "-"): answer for name, answer in answers.items()}, input or {}).run()


def keeps_lock(walk: GraphWalker) -> bool:
    (end,) = walk.payloads_of("run-end")
    return bool(end["parameters"]["keep_lock"])


# A run that goes well


def test_successful_run_calls_steps_in_order() -> None:
    walk = website()
    assert walk.outcome == ("SUCCEEDED", "", "")
    order = ["run-begin", "lock-acquire", "preflight", "approval-request", "drs-recover", "drs-protect", "alb-register"]
    order += ["http-check", "arc-route", "http-check", "drs-reverse", "notify", "run-end"]
    assert list(dict.fromkeys(name for name, _ in walk.calls)) == list(dict.fromkeys(order))
    (end,) = walk.payloads_of("run-end")
    assert end["parameters"] == {"outcome": "succeeded", "keep_lock": False}


def test_waves_follow_group_order() -> None:
    (launch,) = website().payloads_of("drs-recover")
    waves = [[group["name"] for group in wave] for wave in launch["parameters"]["waves"]]
    assert waves == [["database"], ["home-page", "catalogue-page"]]


def test_first_state_replaces_input_with_run_reference() -> None:
    walk = website({"approve": True})
    assert walk.data["run"] == {"id": "run-1", "approved": True}
    assert set(walk.data["attempts"].values()) == {1}
    assert "approve" not in walk.data


def test_preapproved_run_does_not_ask() -> None:
    assert website({"approve": True}).payloads_of("approval-request") == []
    assert len(website().payloads_of("approval-request")) == 1


def test_approval_in_the_input_does_not_count_with_two_person_approval() -> None:
    changed = compile_website(
        replace_text("    on_silence: reject\n", "    on_silence: reject\n    two_person: true\n")
    )
    walk = GraphWalker(changed.compiled.definition, {}, {"approve": True}).run()
    assert walk.data["run"]["approved"] is True
    assert [each["parameters"]["two_person"] for each in walk.payloads_of("approval-request")] == [True]


# Skipping


def _skipping(*steps: str) -> Answer:
    return lambda _payload: begun(skip=dict.fromkeys(steps, True))


def test_step_skipped_by_input_is_not_called() -> None:
    walk = website(run_begin=_skipping("protect_the_recovered_servers"))
    assert walk.outcome == ("SUCCEEDED", "", "")
    assert walk.payloads_of("drs-protect") == []
    assert walk.payloads_of("alb-register")


def test_lock_and_approval_cannot_be_skipped() -> None:
    walk = website(run_begin=_skipping("take_the_lock", "ask_for_approval"))
    assert walk.payloads_of("lock-acquire")
    assert walk.payloads_of("approval-request")


# Waiting


def test_polling_repeats_until_done() -> None:
    def recovered(payload: dict[str, Any]) -> Any:
        return waiting_answer(payload, done=payload["poll"].get("attempt", 0) >= 3)

    walk = website(drs_recover=recovered)
    first, *looks = [payload["poll"] for payload in walk.payloads_of("drs-recover")]
    assert set(first) == {"first_seconds", "longest_seconds", "longest_ready_seconds", "timeout_seconds"}
    assert [
        (look["attempt"], look["waited_seconds"], look["started_at"], look["news"], look["memo"]) for look in looks
    ] == [
        (calls, 10 * calls, "2026-03-01T09:00:00Z", f"news of call {calls}", f"memo of call {calls}")
        for calls in (1, 2, 3)
    ]
    assert walk.outcome[0] == "SUCCEEDED"


def test_every_task_gets_the_last_known_head() -> None:
    walk = website(drs_recover=lambda payload: waiting_answer(payload, done="attempt" in payload["poll"]))
    heads = [payload["head"] for name, payload in walk.calls if name != "run-begin"]
    assert heads[0] == FIRST_HEAD
    written = sum("poll" in payload for _, payload in walk.calls)
    assert len(set(heads)) == written + 1, "each poll's answer has the head that the next task gets"
    assert walk.data["look"]["head"].startswith(f"{written + 1}:")


@pytest.mark.parametrize("error", ["Throttled", "States.Timeout", "Lambda.NewException"])
def test_missed_polls_are_counted_and_the_next_answer_forgets_them(error: str) -> None:
    def lost(payload: dict[str, Any]) -> Any:
        if payload["poll"].get("attempt", 0) in (1, 2, 3):
            raise TaskError(error)
        return waiting_answer(payload, done=payload["poll"].get("attempt", 0) > 4, detail="1 of 3")

    walk = website(drs_recover=lost)
    looks = [payload["poll"] for payload in walk.payloads_of("drs-recover")[1:]]
    assert [look["attempt"] for look in looks] == [1, 2, 3, 4, 5]
    assert [look["waited_seconds"] for look in looks] == [10, 40, 70, 100, 110], "a missed look waits 30 s"
    assert [look["memo"] for look in looks] == [f"memo of call {n}" for n in (1, 1, 1, 1, 5)]
    assert walk.outcome[0] == "SUCCEEDED"


def test_six_missed_polls_in_a_row_fail_the_step() -> None:
    def lost(payload: dict[str, Any]) -> Any:
        if "attempt" in payload["poll"]:
            raise TaskError("ServiceUnavailable", "503")
        return waiting_answer(payload, done=False)

    walk = website(drs_recover=lost)
    assert walk.outcome[:2] == ("FAILED", "ServiceUnavailable")
    assert len(walk.payloads_of("drs-recover")) == 1 + 6


def test_permanent_error_of_a_poll_fails_the_step_at_once() -> None:
    def failing(payload: dict[str, Any]) -> Any:
        if "attempt" in payload["poll"]:
            raise TaskError("LaunchFailed", "no capacity")
        return waiting_answer(payload, done=False)

    walk = website(drs_recover=failing)
    assert walk.outcome[:2] == ("FAILED", "LaunchFailed")
    assert len(walk.payloads_of("drs-recover")) == 2


def test_polling_timeout_fails_with_last_detail() -> None:
    walk = website(http_check=lambda p: waiting_answer(p, done=False, seconds=720, detail="502 from /catalogue"))
    assert walk.outcome == ("FAILED", "TimedOut", "Not done within 5m. Last seen: 502 from /catalogue")
    assert walk.payloads_of("arc-route") == []


def test_polling_is_bounded_when_clock_stops() -> None:
    walk = website(http_check=lambda p: waiting_answer(p, done=False, seconds=0))
    assert walk.outcome[1] == "TimedOut"
    assert len(walk.payloads_of("http-check")) < 60


def test_done_at_timeout_is_done() -> None:
    assert website(http_check=lambda p: waiting_answer(p, done=True, seconds=9999)).outcome[0] == "SUCCEEDED"


def test_wait_step_takes_declared_time() -> None:
    walk = GraphWalker(DRILL).run()
    assert walk.waited == 300
    assert walk.outcome[0] == "SUCCEEDED"


# Stop


def test_launch_failure_stops_before_routing() -> None:
    walk = website(drs_recover=raising("LaunchFailed", "home-page: s-1: no capacity"))
    assert walk.outcome[:2] == ("FAILED", "LaunchFailed")
    assert "s-1: no capacity" in walk.outcome[2]
    assert walk.payloads_of("arc-route") == []
    assert not keeps_lock(walk)
    (record,) = walk.payloads_of("record-failure")
    assert record["parameters"]["policy"] == "ask"
    assert record["parameters"]["error"]["Error"] == "LaunchFailed"


def test_rejected_input_gives_readable_cause() -> None:
    walk = website(run_begin=raising("InvalidInput", "unknown key: aprove"))
    assert walk.outcome == ("FAILED", "InvalidInput", "unknown key: aprove")
    assert [name for name, _ in walk.calls] == ["run-begin"]


def test_non_object_input_fails_with_cause() -> None:
    walk = GraphWalker(WEBSITE, {"run-begin": raising("Boom")}, input=["a list"]).run()
    assert walk.outcome[:2] == ("FAILED", "Boom")


def test_approval_timeout_rejects_when_declared() -> None:
    walk = website(approval_request=scripted_decisions("States.Timeout"))
    assert walk.outcome == ("FAILED", "Rejected", "No answer within 15m, which means rejection")


def test_approval_timeout_approves_when_declared() -> None:
    walk = GraphWalker(SHOP_FAILOVER, {"approval-request": scripted_decisions("States.Timeout")}).run()
    assert walk.outcome[0] == "SUCCEEDED"
    assert walk.data["decision"]["by"] == "nobody"


def test_rejection_names_person_and_reason() -> None:
    assert website(approval_request=scripted_decisions("reject")).outcome == (
        "FAILED",
        "Rejected",
        "alice rejected: I looked",
    )


@pytest.mark.parametrize("answer", [{}, {"decision": "reject"}, {"decision": "maybe", "by": 3}, "approve", None])
def test_unclear_approval_answer_rejects(answer: Any) -> None:
    walk = website(approval_request=lambda _: answer)
    assert walk.outcome[:2] == ("FAILED", "Rejected")
    assert walk.payloads_of("drs-recover") == []


@pytest.mark.parametrize("answer", [{}, "skip", None, {"by": "alice"}])
def test_unknown_failure_answer_aborts(answer: Any) -> None:
    walk = website(preflight=raising("RpoExceeded"), ask=lambda _: answer)
    assert walk.outcome[:2] == ("FAILED", "RpoExceeded")
