"""The parts of the language that runbooks are written in."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import pytest

from tests.twin.engine.drills import (
    PASS,
    REGION,
    catch,
    elapsed,
    ended,
    engine,
    machine,
    started,
    states_entered,
    task,
    wait,
)


class RpoExceeded(Exception):
    pass


def _raises(event: Any, context: Any) -> Any:
    raise RpoExceeded('the newest point is "20 min" old')


def _echo(event: Any, context: Any) -> Any:
    return event


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        ("$.failure.cause", "no subnet"),
        ("States.Format('{} failed: {}', $.failure.step, $.failure.cause)", "recover failed: no subnet"),
    ],
)
def test_a_fail_state_takes_error_and_cause_from_its_input(cause: str, expected: str) -> None:
    failing = machine("F", F={"Type": "Fail", "ErrorPath": "$.failure.error", "CausePath": cause})
    with engine() as opened:
        given = {"failure": {"step": "recover", "error": "LaunchFailed", "cause": "no subnet"}}
        outcome = ended(opened, failing, given)
    assert (outcome.status, outcome.error, outcome.cause, outcome.output) == ("FAILED", "LaunchFailed", expected, None)


def test_a_caught_error_carries_lambdas_json_and_can_be_taken_apart() -> None:
    definition = machine(
        "Try",
        Try=task("raises", Catch=catch("RpoExceeded", then="Read")),
        Read={"Type": "Pass", "Parameters": {"cause.$": "States.StringToJson($.error.Cause)"}, "Next": "Fail"},
        Fail={"Type": "Fail", "ErrorPath": "$.cause.errorType", "CausePath": "$.cause.errorMessage"},
    )
    with engine({"raises": _raises}) as opened:
        outcome = ended(opened, definition)
    assert (outcome.error, outcome.cause) == ("RpoExceeded", 'the newest point is "20 min" old')


def test_the_first_catcher_that_matches_decides() -> None:
    definition = machine(
        "Try",
        Try=task(
            "raises", Catch=[*catch("LockHeld", "RpoExceeded", then="Foreseen"), *catch("States.ALL", then="Not")]
        ),
        Foreseen=PASS,
        Not=PASS,
    )
    with engine({"raises": _raises}) as opened:
        execution = started(opened, definition)
        opened.wait_for_execution(execution)
        assert states_entered(opened, execution) == ["Try", "Foreseen"]


def test_attempts_are_counted_by_math_add_and_bounded_by_a_choice() -> None:
    """The loop that the compiler makes of `on_failure: {retry: 2}`."""
    attempts: list[int] = []

    def tries(event: Any, context: Any) -> Any:
        attempts.append(event["attempt"])
        raise RpoExceeded

    definition = machine(
        "Step",
        Step=task("tries", {"attempt.$": "$.attempts.step"}, Catch=catch("RpoExceeded", then="Again?"), Next="Done"),
        **{
            "Again?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.attempts.step", "NumericLessThanEquals": 2, "Next": "Count"}],
                "Default": "Stop",
            },
            "Count": {
                "Type": "Pass",
                "Parameters": {"step.$": "States.MathAdd($.attempts.step, 1)"},
                "ResultPath": "$.attempts",
                "Next": "Step",
            },
            "Done": PASS,
            "Stop": {"Type": "Fail", "Error": "Stopped"},
        },
    )
    with engine({"tries": tries}) as opened:
        assert ended(opened, definition, {"attempts": {"step": 1}}).error == "Stopped"
    assert attempts == [1, 2, 3]


def test_a_wait_takes_its_seconds_from_the_last_look() -> None:
    """The one construct for waiting: act, wait as long as the answer says, look."""
    definition = machine(
        "Act",
        Act=task(
            "look",
            {"n": 0},
            ResultSelector={"n.$": "$.Payload.n", "wait.$": "$.Payload.wait"},
            ResultPath="$.look",
            Next="Done?",
        ),
        **{
            "Done?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.look.n", "NumericGreaterThan": 2, "Next": "End"}],
                "Default": "Wait",
            },
            "Wait": {"Type": "Wait", "SecondsPath": "$.look.wait", "Next": "Look"},
            "Look": task(
                "look",
                {"n.$": "$.look.n"},
                ResultSelector={"n.$": "$.Payload.n", "wait.$": "$.Payload.wait"},
                ResultPath="$.look",
                Next="Done?",
            ),
            "End": PASS,
        },
    )

    def look(event: Any, context: Any) -> Any:
        return {"n": event["n"] + 1, "wait": 10 * (event["n"] + 1)}

    with engine({"look": look}) as opened:
        output = ended(opened, definition, {"run": {"id": "r"}}).output
        assert elapsed(opened) == 30
    assert output == {"run": {"id": "r"}, "look": {"n": 3, "wait": 30}}


def test_branches_run_side_by_side_and_their_results_go_where_result_path_says() -> None:
    wave = {
        "Type": "Parallel",
        "Branches": [
            machine("A", A=task("slow", {"group": "web"}, OutputPath="$.Payload")),
            machine(
                "B",
                B={"Type": "Wait", "Seconds": 5, "Next": "C"},
                C={"Type": "Pass", "Result": {"group": "db"}, "End": True},
            ),
        ],
        "ResultPath": "$.wave",
        "Next": "After",
    }

    def slow(event: Any, context: Any) -> Any:
        time.sleep(10)
        return event

    with engine({"slow": slow}) as opened:
        output = ended(opened, machine("Wave", Wave=wave, After=PASS), {"run": 1}).output
        assert elapsed(opened) == 10
    assert output == {"run": 1, "wave": [{"group": "web"}, {"group": "db"}]}


@pytest.mark.parametrize(
    ("given", "entered"),
    [({"look": {"status": "done"}}, "Yes"), ({"skip": 1}, "Yes"), ({"look": {"status": "waiting"}}, "No"), ({}, "No")],
)
def test_choices_with_or_and_is_present(given: dict[str, Any], entered: str) -> None:
    rule = {
        "Or": [
            {"Variable": "$.skip", "IsPresent": True},
            {
                "And": [
                    {"Variable": "$.look", "IsPresent": True},
                    {"Variable": "$.look.status", "StringEquals": "done"},
                ]
            },
        ],
        "Next": "Yes",
    }
    choice = {"Type": "Choice", "Choices": [rule], "Default": "No"}
    with engine() as opened:
        execution = started(opened, machine("C", C=choice, Yes=PASS, No=PASS), given)
        opened.wait_for_execution(execution)
        assert states_entered(opened, execution)[-1] == entered


def test_the_context_object_names_the_execution() -> None:
    parameters = {
        "id.$": "$$.Execution.Id", "name.$": "$$.Execution.Name", "at.$": "$$.Execution.StartTime",
        "input.$": "$$.Execution.Input", "state.$": "$$.State.Name",
    }  # fmt: skip
    with engine({"echo": _echo}) as opened:
        execution = started(opened, machine("A", A=task("echo", parameters, OutputPath="$.Payload")), {"x": 1}, "run-7")
        output = opened.wait_for_execution(execution).output
    assert output == {
        "id": execution, "name": "run-7", "at": "2026-03-01T09:00:00+00:00", "input": {"x": 1}, "state": "A",
    }  # fmt: skip


def test_a_person_answers_a_task_token() -> None:
    tokens: list[str] = []
    definition = machine("Ask", Ask=task("ask", token=True, TimeoutSeconds=900, ResultPath="$.decision"))
    with engine({"ask": lambda event, context: tokens.append(event["token"])}) as opened:
        execution = started(opened, definition, {"run": 1})
        sfn = opened.client("stepfunctions", REGION)
        opened.clock.call_later(420, lambda: sfn.send_task_success(taskToken=tokens[0], output='{"decision": "retry"}'))
        assert opened.wait_for_execution(execution).output == {"run": 1, "decision": {"decision": "retry"}}
        assert elapsed(opened) == 420


def test_retries_back_off_with_full_jitter_below_the_longest_delay() -> None:
    at: list[float] = []

    def fails(event: Any, context: Any) -> Any:
        at.append(elapsed(opened))
        raise RpoExceeded

    retry = {
        "ErrorEquals": ["RpoExceeded"], "IntervalSeconds": 2, "BackoffRate": 2.0, "MaxDelaySeconds": 30,
        "MaxAttempts": 5, "JitterStrategy": "FULL",
    }  # fmt: skip
    with engine({"fails": fails}) as opened:
        ended(opened, machine("A", A=task("fails", Retry=[retry])))
    pauses = [later - earlier for earlier, later in pairwise(at)]
    assert len(pauses) == 5
    assert all(0 <= pause <= limit for pause, limit in zip(pauses, [2, 4, 8, 16, 30], strict=True))
    assert any(pause != int(pause) for pause in pauses)


def test_a_result_over_256_kib_fails_the_state() -> None:
    with engine({"large": lambda event, context: "x" * 300_000}) as opened:
        assert ended(opened, machine("A", A=task("large"))).error == "States.DataLimitExceeded"


def test_a_name_is_used_once() -> None:
    with engine() as opened:
        definition = machine("W", W=wait(60))
        first = started(opened, definition, {"n": 1}, "key")
        assert (
            opened.start_execution(first.replace("execution", "stateMachine").rsplit(":", 1)[0], "key", {"n": 1})
            == first
        )
        sfn = opened.client("stepfunctions", REGION)
        with pytest.raises(sfn.exceptions.ExecutionAlreadyExists):
            started(opened, definition, {"n": 2}, "key")
