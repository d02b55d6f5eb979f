"""Executes a machine's states, and records the calls, the waits, and the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from leeward.state_machines.asl import (
    Catcher,
    ChoiceState,
    FailState,
    PassState,
    State,
    StateMachine,
    SucceedState,
    TaskState,
    WaitState,
)
from leeward.state_machines.checks.behavior.interpreter.choices import holds
from leeward.state_machines.checks.behavior.interpreter.data_paths import (
    Data,
    DataError,
    Templates,
    evaluate,
    select,
    write,
)

# More than a run without long waits can have.
_MAX_STATES = 4000
EXECUTION: Mapping[str, object] = {
    "Id": "arn:execution",
    "Name": "execution-name",
    "StartTime": "2026-01-01T00:00:00Z",
    "Input": {"reason": "a check"},
}
TASK_TOKEN = "a-task-token"  # noqa: S105 - not a secret
_CONTEXT: Mapping[str, object] = {"Execution": EXECUTION, "Task": {"Token": TASK_TOKEN}}


class TaskError(Exception):
    """What a task raises: the name that Retry and Catch match, and the cause."""

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(name)
        self.name = name
        self.cause = cause


class ScenarioOver(Exception):
    """Raised by a script when the scenario has shown what it is for."""


class StateError(Exception):
    """A state that can't be executed on its data."""

    def __init__(self, state: str, text: str) -> None:
        super().__init__(f"{state}: {text}")
        self.state = state
        self.text = text


@dataclass(frozen=True, slots=True)
class Call:
    """A function call. An execution that starts at `state` with the input `data` repeats it."""

    state: str
    function: str
    payload: Mapping[str, Data]
    task: TaskState
    data: Data


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait in seconds."""

    state: str
    seconds: object


@dataclass(frozen=True, slots=True)
class End:
    """The end of the execution. A failed one has the error and the cause."""

    state: str
    succeeded: bool
    error: object = None
    cause: object = None


Event: TypeAlias = Call | Wait | End
# Returns a task's result, or raises TaskError after all retries.
Script: TypeAlias = Callable[[Call], Data]


@dataclass
class Execution:
    """One execution. `visited` are the states that it has entered, and `data` is the output of its last state.
    `executed` counts the states, each time that they are entered.
    """

    machine: StateMachine
    script: Script
    visited: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    templates: Templates = field(default_factory=Templates)
    data: Data = None
    executed: int = 0
    _start: tuple[str, Data] = ("", None)

    def run(self, start: str, data: Data) -> list[Event]:
        """Execute from the state `start`, with `data` as its input. Raises StateError."""
        try:
            self.execute(start, data)
        except ScenarioOver:
            pass
        except TaskError as error:
            last = next(event for event in reversed(self.events) if isinstance(event, Call))
            self.events.append(End(last.state, succeeded=False, error=error.name, cause=error.cause))
        return self.events

    def execute(self, start: str, data: Data) -> None:
        """Execute from the state `start`. Raises what the script raises and no state catches, and StateError."""
        following: str | None = start
        while following is not None:
            name = following
            self.executed += 1
            if self.executed > _MAX_STATES:
                raise StateError(name, "is part of a loop that doesn't end")
            if name not in self.machine.states:
                raise StateError(name, "doesn't exist")
            self.visited.add(name)
            state = self.machine.states[name]
            try:
                following, data = self._execute(name, state, data)
            except DataError as error:
                raise StateError(name, str(error)) from error
            except TaskError as error:
                catcher = _find_catcher(state, error.name)
                if catcher is None:
                    raise
                data = write(catcher.result_path, data, {"Error": error.name, "Cause": error.cause})
                following = catcher.next
        self.data = data

    def _execute(self, name: str, state: State, data: Data) -> tuple[str | None, Data]:
        match state:
            case TaskState():
                return state.next, write(state.result_path, data, self._task(name, state, data))
            case PassState():
                return state.next, write(state.result_path, data, self.templates.fill(state.parameters, data, _CONTEXT))
            case ChoiceState():
                return next((after for rule, after in state.choices if holds(rule, data)), state.default), data
            case WaitState():
                seconds = select(state.seconds, data) if isinstance(state.seconds, str) else state.seconds
                self.events.append(Wait(name, seconds))
                return state.next, data
            case SucceedState():
                self.events.append(End(name, succeeded=True))
                return None, data
            case FailState():
                error, cause = (
                    evaluate(text, data, _CONTEXT) if text.startswith(("$", "States.")) else text
                    for text in (state.error, state.cause)
                )
                self.events.append(End(name, succeeded=False, error=error, cause=cause))
                return None, data
            case _:
                assert_never(state)

    def _task(self, name: str, state: TaskState, data: Data) -> Data:
        parameters = self.templates.fill(state.parameters, data, _CONTEXT)
        function, payload = parameters.get("FunctionName"), parameters.get("Payload")
        if set(parameters) != {"FunctionName", "Payload"} or not isinstance(payload, Mapping):
            raise StateError(name, "passes something other than FunctionName and Payload to Lambda")
        call = Call(name, str(function), payload, state, data)
        self.events.append(call)
        answer = self.script(call)
        result = answer if state.resource.endswith(".waitForTaskToken") else {"Payload": answer}
        return result if state.result_selector is None else self.templates.fill(state.result_selector, result, _CONTEXT)


def find_catch_target(state: TaskState, error: str) -> str | None:
    """Return the state that follows the error, or None if nothing catches it."""
    catcher = _find_catcher(state, error)
    return None if catcher is None else catcher.next


def _find_catcher(state: State, error: str) -> Catcher | None:
    if not isinstance(state, TaskState):
        return None
    for catcher in state.catch:
        # States.TaskFailed matches every error except a timeout (Amazon States Language, "Errors").
        wide = "States.ALL" in catcher.errors or ("States.TaskFailed" in catcher.errors and error != "States.Timeout")
        if wide or error in catcher.errors:
            return catcher
    return None
