"""The states of a machine, one frozen dataclass for each state type.

`next` is the name of the following state, or None if the state ends the run (`End`). A `result_path` of None
discards the result (`"ResultPath": null`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from leeward.state_machines.asl.choice_rules import ChoiceRule
from leeward.state_machines.asl.serialization.json_types import Json, JsonObject, drop_empty

NextState: TypeAlias = str | None


@dataclass(frozen=True, slots=True)
class Retrier:
    """Retries after these errors. `interval_seconds` grows by `backoff_rate` up to `max_delay_seconds`."""

    errors: tuple[str, ...]
    interval_seconds: int
    max_attempts: int
    max_delay_seconds: int
    backoff_rate: float = 2.0
    jitter: str = "FULL"

    def to_json(self) -> JsonObject:
        """Return the ASL member."""
        return {
            "ErrorEquals": list(self.errors),
            "IntervalSeconds": self.interval_seconds,
            "BackoffRate": self.backoff_rate,
            "MaxDelaySeconds": self.max_delay_seconds,
            "MaxAttempts": self.max_attempts,
            "JitterStrategy": self.jitter,
        }


@dataclass(frozen=True, slots=True)
class Catcher:
    """Continues at `next` after these errors, with {Error, Cause} at `result_path`."""

    errors: tuple[str, ...]
    next: str
    result_path: str = "$.error"

    def to_json(self) -> JsonObject:
        """Return the ASL member."""
        return {"ErrorEquals": list(self.errors), "ResultPath": self.result_path, "Next": self.next}


@dataclass(frozen=True, slots=True)
class TaskState:
    """A Task state. In Leeward, it always invokes a Lambda function."""

    resource: str
    parameters: Mapping[str, Json]
    timeout_seconds: int
    next: NextState
    comment: str = ""
    result_selector: Mapping[str, Json] | None = None
    result_path: str | None = "$"
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()

    def to_json(self) -> JsonObject:
        """Return the ASL state."""
        state: JsonObject = _common_members("Task", self.comment)
        state |= {"Resource": self.resource, "Parameters": self.parameters, "TimeoutSeconds": self.timeout_seconds}
        state |= _result_members(self.result_selector, self.result_path) | _error_members(self.retry, self.catch)
        return state | _next_member(self.next)


@dataclass(frozen=True, slots=True)
class ChoiceState:
    """Continues at the state of the first rule that is true, or at `default`."""

    choices: tuple[tuple[ChoiceRule, str], ...]
    default: str
    comment: str = ""

    def to_json(self) -> JsonObject:
        """Return the ASL state."""
        choices: list[Json] = [rule.to_json() | {"Next": state} for rule, state in self.choices]
        return _common_members("Choice", self.comment) | {"Choices": choices, "Default": self.default}


@dataclass(frozen=True, slots=True)
class WaitState:
    """Waits for a number of seconds, which is a literal or a path to one."""

    seconds: int | str
    next: NextState
    comment: str = ""

    def to_json(self) -> JsonObject:
        """Return the ASL state."""
        member = "SecondsPath" if isinstance(self.seconds, str) else "Seconds"
        return _common_members("Wait", self.comment) | {member: self.seconds} | _next_member(self.next)


@dataclass(frozen=True, slots=True)
class PassState:
    """Writes data to `result_path`."""

    parameters: Mapping[str, Json]
    next: NextState
    result_path: str | None = "$"
    comment: str = ""

    def to_json(self) -> JsonObject:
        """Return the ASL state."""
        state = _common_members("Pass", self.comment) | {"Parameters": self.parameters}
        return state | _result_members(None, self.result_path) | _next_member(self.next)


@dataclass(frozen=True, slots=True)
class SucceedState:
    """Ends the run successfully."""

    comment: str = ""

    def to_json(self) -> JsonObject:
        """Return the ASL state."""
        return _common_members("Succeed", self.comment)


@dataclass(frozen=True, slots=True)
class FailState:
    """Ends the run as failed. A text that starts with `$` or `States.` is a path or an intrinsic function."""

    error: str
    cause: str
    comment: str = ""

    def to_json(self) -> JsonObject:
        """Return the ASL state."""
        members = {_member_name("Error", self.error): self.error, _member_name("Cause", self.cause): self.cause}
        return _common_members("Fail", self.comment) | members


State: TypeAlias = TaskState | ChoiceState | WaitState | PassState | SucceedState | FailState
States: TypeAlias = dict[str, State]


def next_states(state: State) -> Iterator[str]:
    """Yield the names of the states that may follow `state`, including those in Catch and Default."""
    match state:
        case ChoiceState():
            yield from (name for _, name in state.choices)
            yield state.default
        case SucceedState() | FailState():
            return
        case _:
            if isinstance(state, TaskState):
                yield from (catcher.next for catcher in state.catch)
            if state.next is not None:
                yield state.next


def _common_members(kind: str, comment: str) -> JsonObject:
    return drop_empty({"Type": kind, "Comment": comment})


def _next_member(name: NextState) -> JsonObject:
    return {"End": True} if name is None else {"Next": name}


def _result_members(selector: Mapping[str, Json] | None, path: str | None) -> JsonObject:
    selected: JsonObject = {} if selector is None else {"ResultSelector": selector}
    return selected if path == "$" else selected | {"ResultPath": path}


def _error_members(retry: tuple[Retrier, ...], catch: tuple[Catcher, ...]) -> JsonObject:
    members: JsonObject = {}
    if retry:
        members["Retry"] = [retrier.to_json() for retrier in retry]
    if catch:
        members["Catch"] = [catcher.to_json() for catcher in catch]
    return members


def _member_name(member: str, text: str) -> str:
    return f"{member}Path" if text.startswith(("$", "States.")) else member
