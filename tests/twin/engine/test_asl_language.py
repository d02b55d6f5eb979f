"""The parts of the language that runbooks are written in."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import pytest

from tests.twin.engine.machines import (
    PASS,
    REGION,
    catch_clause,
    elapsed,
    machine,
    open_engine,
    run_execution,
    start_execution,
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
def test_fail_state_reads_error_and_cause_from_input(cause: str, expected: str) -> None:
    failing = machine("F", F={"Type": "Fail", "ErrorPath": "$.failure.error", "CausePath": cause})
    with open_engine() as opened:
        given = {"failure": {"step": "recover", "error": "LaunchFailed", "cause": "no subnet"}}
        outcome = run_execution(opened, failing, given)
    assert (outcome.status, outcome.error, outcome.cause, outcome.output) == ("FAILED", "LaunchFailed", expected, None)


def test_caught_error_cause_is_lambda_json() -> None:
    definition = machine(
        "Try",
        Try=task("raises", Catch=catch_clause("RpoExceeded", then="Read")),
        Read={"Type": "Pass", "Parameters": {"cause.$": "States.StringToJson($.error.Cause)"}, "Next": "Fail"},
        Fail={"Type": "Fail", "ErrorPath": "$.cause.errorType", "CausePath": "$.cause.errorMessage"},
    )
    with open_engine({"raises": _raises}) as opened:
        outcome = run_execution(opened, definition)
    assert (outcome.error, outcome.cause) == ("RpoExceeded", 'the newest point is "20 min" old')


def test_first_matching_catcher_is_used() -> None:
    definition = machine(
        "Try",
        Try=task(
            "raises",
            Catch=[*catch_clause("LockHeld", "RpoExceeded", then="Foreseen"), *catch_clause("States.ALL", then="Not")],
        ),
        Foreseen=PASS,
        Not=PASS,
    )
    with open_engine({"raises": _raises}) as opened:
        execution = start_execution(opened, definition)
        opened.wait_for_execution(execution)
        assert states_entered(opened, execution) == ["Try", "Foreseen"]


def test_math_add_and_choice_bound_attempts() -> None:
    """The loop that the compiler makes of `on_failure: {retry: 2}`."""
    attempts: list[int] = []

    def tries(event: Any, context: Any) -> Any:
        attempts.append(event["attempt"])
        raise RpoExceeded

    definition = machine(
        "Step",
        Step=task(
            "tries", {"attempt.$": "$.attempts.step"}, Catch=catch_clause("RpoExceeded", then="Again?"), Next="Done"
        ),
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
    with open_engine({"tries": tries}) as opened:
        assert run_execution(opened, definition, {"attempts": {"step": 1}}).error == "Stopped"
    assert attempts == [1, 2, 3]


def test_wait_state_reads_seconds_from_input() -> None:
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

    with open_engine({"look": look}) as opened:
        output = run_execution(opened, definition, {"run": {"id": "r"}}).output
        assert elapsed(opened) == 30
    assert output == {"run": {"id": "r"}, "look": {"n": 3, "wait": 30}}


def test_parallel_branches_write_result_path() -> None:
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

    with open_engine({"slow": slow}) as opened:
        output = run_execution(opened, machine("Wave", Wave=wave, After=PASS), {"run": 1}).output
        assert elapsed(opened) == 10
    assert output == {"run": 1, "wave": [{"group": "web"}, {"group": "db"}]}


@pytest.mark.parametrize(
    ("given", "entered"),
    [({"look": {"status": "done"}}, "Yes"), ({"skip": 1}, "Yes"), ({"look": {"status": "waiting"}}, "No"), ({}, "No")],
)
def test_choice_supports_or_and_is_present(given: dict[str, Any], entered: str) -> None:
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
    with open_engine() as opened:
        execution = start_execution(opened, machine("C", C=choice, Yes=PASS, No=PASS), given)
        opened.wait_for_execution(execution)
        assert states_entered(opened, execution)[-1] == entered


def test_the_context_object_names_the_execution() -> None:
    parameters = {
        "id.$": "$$.Execution.Id", "name.$": "$$.Execution.Name", "at.$": "$$.Execution.StartTime",
        "input.$": "$$.Execution.Input", "state.$": "$$.State.Name",
    }  # fmt: skip
    with open_engine({"echo": _echo}) as opened:
        execution = start_execution(
            opened, machine("A", A=task("echo", parameters, OutputPath="$.Payload")), {"x": 1}, "run-7"
        )
        output = opened.wait_for_execution(execution).output
    assert output == {
        "id": execution, "name": "run-7", "at": "2026-03-01T09:00:00.000Z", "input": {"x": 1}, "state": "A",
    }  # fmt: skip


def test_task_token_is_answered() -> None:
    tokens: list[str] = []
    definition = machine("Ask", Ask=task("ask", token=True, TimeoutSeconds=900, ResultPath="$.decision"))
    with open_engine({"ask": lambda event, context: tokens.append(event["token"])}) as opened:
        execution = start_execution(opened, definition, {"run": 1})
        sfn = opened.client("stepfunctions", REGION)
        opened.clock.call_later(420, lambda: sfn.send_task_success(taskToken=tokens[0], output='{"decision": "retry"}'))
        assert opened.wait_for_execution(execution).output == {"run": 1, "decision": {"decision": "retry"}}
        assert elapsed(opened) == 420


def test_retries_use_full_jitter_up_to_max_delay() -> None:
    at: list[float] = []

    def fails(event: Any, context: Any) -> Any:
        at.append(elapsed(opened))
        raise RpoExceeded

    retry = {
        "ErrorEquals": ["RpoExceeded"], "IntervalSeconds": 2, "BackoffRate": 2.0, "MaxDelaySeconds": 30,
        "MaxAttempts": 5, "JitterStrategy": "FULL",
    }  # fmt: skip
    with open_engine({"fails": fails}) as opened:
        run_execution(opened, machine("A", A=task("fails", Retry=[retry])))
    pauses = [later - earlier for earlier, later in pairwise(at)]
    assert len(pauses) == 5
    assert all(0 <= pause <= limit for pause, limit in zip(pauses, [2, 4, 8, 16, 30], strict=True))
    assert any(pause != int(pause) for pause in pauses)


def test_a_result_over_256_kib_fails_the_state() -> None:
    with open_engine({"large": lambda event, context: "x" * 300_000}) as opened:
        assert run_execution(opened, machine("A", A=task("large"))).error == "States.DataLimitExceeded"


def test_execution_name_is_used_once() -> None:
    with open_engine() as opened:
        definition = machine("W", W=wait(60))
        first = start_execution(opened, definition, {"n": 1}, "key")
        assert (
            opened.start_execution(first.replace("execution", "stateMachine").rsplit(":", 1)[0], "key", {"n": 1})
            == first
        )
        sfn = opened.client("stepfunctions", REGION)
        with pytest.raises(sfn.exceptions.ExecutionAlreadyExists):
            start_execution(opened, definition, {"n": 2}, "key")
