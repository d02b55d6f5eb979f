"""A Lambda function without an idle execution environment has a cold start."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.twin.engine.lambda_runtime.faults.invocation_errors import Moment
from leeward.twin.engine.lambda_runtime.faults.invocation_faults import FailedInvocation
from leeward.twin.realism.execution_environments import IDLE_TIME, ExecutionEnvironments
from leeward.twin.realism.realism_settings import Realism, RealismPart, SeededDraws
from tests.twin.engine.machines import REGION, START, elapsed, machine, open_engine, run_execution, task, wait

COLD_STARTS = Realism(frozenset({RealismPart.COLD_STARTS}))


def _handler(event: Any, context: Any) -> int:
    return int(context.get_remaining_time_in_millis())


def _new() -> ExecutionEnvironments:
    return ExecutionEnvironments(SeededDraws(7, "cold starts"))


def test_environment_is_used_again_until_its_idle_time_is_over() -> None:
    environments = _new()
    assert environments.take(REGION, "f", 2.5, START) > 1
    environments.release(REGION, "f", START)
    assert environments.take(REGION, "f", 2.5, START + IDLE_TIME) == 0
    environments.release(REGION, "f", START + IDLE_TIME)
    assert environments.take(REGION, "f", 2.5, START + 2.1 * IDLE_TIME) > 1


def test_concurrent_invocations_and_other_functions_have_own_environments() -> None:
    environments = _new()
    assert environments.take(REGION, "f", 2.5, START) > 1
    assert environments.take(REGION, "f", 2.5, START) > 1
    environments.release(REGION, "f", START)
    assert environments.take(REGION, "g", 2.5, START) > 1
    assert environments.take("us-east-1", "f", 2.5, START) > 1
    assert environments.take(REGION, "f", 2.5, START) == 0


def test_first_invocation_starts_later_and_has_its_whole_time() -> None:
    definition = machine("A", A=task("f", Next="B"), B=task("f"))
    with open_engine({"f": _handler}, realism=COLD_STARTS) as opened:
        result = run_execution(opened, definition)
        cold = elapsed(opened)
    assert 1 < cold < 8
    assert result.output["Payload"] == 900_000
    with open_engine({"f": _handler}, realism=Realism.none()) as opened:
        run_execution(opened, definition)
        assert elapsed(opened) == 0


@pytest.mark.parametrize(("pause", "cold_starts"), [(60, 1), (301, 2)])
def test_environment_is_removed_after_a_long_pause(pause: int, cold_starts: int) -> None:
    definition = machine("A", A=task("f", Next="W"), W=wait(pause, Next="B"), B=task("f"))
    with open_engine({"f": _handler}, realism=COLD_STARTS) as opened:
        run_execution(opened, definition)
        delays = elapsed(opened) - pause
    assert cold_starts - 0.6 < delays / 2.5 < cold_starts + 0.8


def test_process_that_ended_leaves_no_environment() -> None:
    def exits(event: Any, context: Any) -> None:
        raise SystemExit(1)

    with open_engine({"f": exits}, realism=COLD_STARTS) as opened:
        function = opened.functions.find("f", REGION)
        for _ in range(2):
            before = opened.clock.now()
            opened.functions.invoke(function, "{}")
            assert (opened.clock.now() - before).total_seconds() > 1


def test_error_after_the_handler_leaves_no_environment() -> None:
    with open_engine({"f": _handler}, realism=COLD_STARTS) as opened:
        function = opened.functions.find("f", REGION)
        opened.functions.faults.plan = lambda _: FailedInvocation.from_name("Runtime.ExitError", Moment.AFTER)
        for _ in range(2):
            before = opened.clock.now()
            assert opened.functions.invoke(function, "{}").error_type == "Runtime.ExitError"
            assert (opened.clock.now() - before).total_seconds() > 1
