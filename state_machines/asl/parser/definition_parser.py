"""Parses the JSON text of a definition to a typed state machine, and lists what it can't read.

Reads the members that `to_json` writes. Every other member changes what a run does, such as `InputPath`, so it is a
problem, and so is a member that is missing. Neither prevents the rest from being read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from leeward.state_machines.asl.parser.json_members import JsonMembers, Problem
from leeward.state_machines.asl.parser.rule_parser import parse_rule
from leeward.state_machines.asl.state_machine import StateMachine
from leeward.state_machines.asl.states import (
    Catcher,
    ChoiceState,
    FailState,
    NextState,
    PassState,
    Retrier,
    State,
    SucceedState,
    TaskState,
    WaitState,
)

# Step Functions' default for a Task without TimeoutSeconds (Amazon States Language, "Timeouts and heartbeats").
_NO_TIMEOUT_SECONDS = 99_999_999


@dataclass(frozen=True, slots=True)
class ParsedDefinition:
    """A parsed definition. `machine` is None if the text has no states that can be read.

    A problem is the name of a state, or "" for the machine itself, and what is wrong.
    """

    machine: StateMachine | None
    problems: tuple[Problem, ...]


def parse_definition(text: str) -> ParsedDefinition:
    """Parse the text of a definition. Never raises: a text that isn't JSON is a problem too."""
    problems: list[Problem] = []
    try:
        value = json.loads(text, object_pairs_hook=lambda pairs: _unique(pairs, problems))
    except (ValueError, RecursionError) as error:
        return ParsedDefinition(None, (Problem("", f"is not JSON: {error}"),))
    if not isinstance(value, dict) or not isinstance(value.get("States"), dict) or not value["States"]:
        return ParsedDefinition(None, (*problems, Problem("", "has no states")))
    members = JsonMembers("", value, problems)
    states = _states(members.take("States", dict, {}), problems)
    machine = StateMachine(
        members.take("Comment", str, ""),
        members.take("StartAt", str, ""),
        members.take("TimeoutSeconds", int, _NO_TIMEOUT_SECONDS),
        states,
    )
    members.finish()
    return ParsedDefinition(machine if states else None, tuple(problems))


def _unique(pairs: list[tuple[str, Any]], problems: list[Problem]) -> dict[str, Any]:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            problems.append(Problem("", f"has {key!r} twice in one object"))
        seen.add(key)
    return dict(pairs)


def _states(values: Mapping[str, Any], problems: list[Problem]) -> dict[str, State]:
    states: dict[str, State] = {}
    for name, value in values.items():
        if not isinstance(value, dict):
            problems.append(Problem(name, "is not an object"))
            continue
        members = JsonMembers(name, value, problems)
        kind = members.take("Type", str, "")
        parse = _PARSERS.get(kind)
        if parse is None:
            problems.append(Problem(name, f"is of the type {kind!r}, which a compiled machine doesn't have"))
            continue
        states[name] = parse(members)
        members.finish()
    return states


def _task(members: JsonMembers) -> TaskState:
    return TaskState(
        resource=members.take("Resource", str, ""),
        parameters=members.take("Parameters", dict, {}),
        timeout_seconds=members.take("TimeoutSeconds", int, _NO_TIMEOUT_SECONDS),
        next=_next(members),
        comment=members.take("Comment", str, "", optional=True),
        result_selector=members.take("ResultSelector", dict, None, optional=True),
        result_path=members.take_path("ResultPath"),
        retry=tuple(_retrier(each) for each in members.take_list("Retry")),
        catch=_catchers(members),
    )


def _retrier(members: JsonMembers) -> Retrier:
    retrier = Retrier(
        errors=members.take_names("ErrorEquals"),
        interval_seconds=members.take("IntervalSeconds", int, 1),
        max_attempts=members.take("MaxAttempts", int, 3),
        max_delay_seconds=members.take("MaxDelaySeconds", int, _NO_TIMEOUT_SECONDS),
        backoff_rate=members.take("BackoffRate", float, 2.0),
        jitter=members.take("JitterStrategy", str, "NONE"),
    )
    members.finish()
    return retrier


def _catchers(members: JsonMembers) -> tuple[Catcher, ...]:
    catchers = []
    for each in members.take_list("Catch"):
        names, after = each.take_names("ErrorEquals"), each.take("Next", str, "")
        catchers.append(Catcher(names, after, each.take_path("ResultPath") or ""))
        each.finish()
    return tuple(catchers)


def _choice(members: JsonMembers) -> ChoiceState:
    choices = []
    for each in members.take_list("Choices"):
        after = each.take("Next", str, "")
        rule = parse_rule(each)
        if rule is not None:
            choices.append((rule, after))
    default = members.take("Default", str, "")
    return ChoiceState(tuple(choices), default, members.take("Comment", str, "", optional=True))


def _wait(members: JsonMembers) -> WaitState:
    is_path = "SecondsPath" in members.left
    seconds = members.take("SecondsPath", str, "") if is_path else members.take("Seconds", int, 0)
    return WaitState(seconds, _next(members), members.take("Comment", str, "", optional=True))


def _pass(members: JsonMembers) -> PassState:
    parameters = members.take("Parameters", dict, {})
    path = members.take_path("ResultPath")
    return PassState(parameters, _next(members), path, members.take("Comment", str, "", optional=True))


def _succeed(members: JsonMembers) -> SucceedState:
    return SucceedState(members.take("Comment", str, "", optional=True))


def _fail(members: JsonMembers) -> FailState:
    error, cause = (
        members.take(f"{word}Path" if f"{word}Path" in members.left else word, str, "") for word in ("Error", "Cause")
    )
    return FailState(error, cause, members.take("Comment", str, "", optional=True))


def _next(members: JsonMembers) -> NextState:
    """Return the next state, or None for `End: true`. Exactly one of the two must be there."""
    if "End" not in members.left:
        return str(members.take("Next", str, ""))
    if members.take("End", bool, False) is not True:
        members.add("has End: false")
    if "Next" in members.left:
        members.add("has both Next and End")
        return str(members.take("Next", str, ""))
    return None


_PARSERS: Mapping[str, Callable[[JsonMembers], State]] = {
    "Task": _task,
    "Choice": _choice,
    "Wait": _wait,
    "Pass": _pass,
    "Succeed": _succeed,
    "Fail": _fail,
}
