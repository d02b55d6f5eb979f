"""Short ways to write a state machine and to run it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from leeward.twin.engine import Engine, ExecutionResult
from leeward.twin.realism.realism_settings import Realism

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
REGION = "us-west-2"
Asl = dict[str, Any]
Handlers = dict[str, Callable[[Any, Any], Any]]


def task(function: str, payload: Any = None, *, token: bool = False, **fields: Any) -> Asl:
    """A Task state that invokes `function`; with `token` it waits for its task token, handed over as `token`."""
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke" + (".waitForTaskToken" if token else ""),
        "Parameters": {
            "FunctionName": function,
            "Payload": {"token.$": "$$.Task.Token"} if token and payload is None else payload or {},
        },
        **fields,
    }
    return state if "Next" in state else {**state, "End": True}


def wait(seconds: int, **fields: Any) -> Asl:
    """A Wait state."""
    return {"Type": "Wait", "Seconds": seconds, **(fields or {"End": True})}


def machine(first: str, **states: Any) -> Asl:
    """A state machine."""
    return {"StartAt": first, "States": states}


PASS: Asl = {"Type": "Pass", "End": True}


def catch_clause(*errors: str, then: str) -> list[Asl]:
    """A Catch of one catcher."""
    return [{"ErrorEquals": list(errors), "ResultPath": "$.error", "Next": then}]


@contextmanager
def open_engine(
    handlers: Handlers | None = None,
    *,
    latency: float = 0,
    seed: int = 7,
    realism: Realism | None = None,
    **options: Any,
) -> Iterator[Engine]:
    """An engine at START with these functions in REGION. By default, without realistic delays."""
    with Engine(start=START, seed=seed, realism=realism or Realism.none(), **options) as opened:
        for name, handler in (handlers or {}).items():
            opened.functions.register(REGION, name, handler, latency_seconds=latency, timeout_seconds=900)
        yield opened


def within_engine(experiment: Callable[[], Any]) -> Callable[[], Any]:
    """Run `experiment` while an engine is open: only then is moto patched."""

    @wraps(experiment)
    def run() -> Any:
        with open_engine():
            return experiment()

    return run


def start_execution(opened: Engine, definition: Asl, machine_input: Any = None, name: str | None = None) -> str:
    """The ARN of an execution of `definition` that has just been started."""
    arn = opened.create_state_machine(REGION, "machine", definition)
    return opened.start_execution(arn, name=name, execution_input={} if machine_input is None else machine_input)


def run_execution(opened: Engine, definition: Asl, machine_input: Any = None) -> ExecutionResult:
    """How an execution of `definition` ends."""
    return opened.wait_for_execution(start_execution(opened, definition, machine_input))


def elapsed(opened: Engine) -> float:
    """Virtual seconds since START."""
    return (opened.clock.now() - START).total_seconds()


def states_entered(opened: Engine, execution: str) -> list[str]:
    """Names of the states, in the order in which they were entered."""
    history = opened.get_history(execution)
    return [event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event]
