"""A walk through a compiled machine with scripted answers: no clock, no AWS, no engine. For tests of the graph only.

Retries are left out: a scripted error is one that the retries did not help against.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.state_machines.walks.scripted_answers import Answer, TaskError, good_answer

Data = Any


@dataclass
class GraphWalker:
    """One run. `answers` by function name, without `leeward-`; what is not there gets a plain good answer."""

    definition: dict[str, Any]
    answers: dict[str, Answer] = field(default_factory=dict)
    input: Data = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    waited: int = 0
    outcome: tuple[str, str, str] = ("", "", "")
    data: Data = None

    def run(self) -> GraphWalker:
        """Runs to the end; the outcome is (SUCCEEDED | FAILED, error, cause)."""
        try:
            self.data = self._machine(self.definition, self.input)
        except TaskError as error:
            if self.calls[-1][0] not in ("run-end", "run-stop"):  # no Catch: the run ends with the error
                raise
            self.outcome = ("FAILED", error.name, str(error))
        return self

    def payloads_of(self, function: str) -> list[dict[str, Any]]:
        """The payloads that `function` was called with."""
        return [payload for name, payload in self.calls if name == function]

    def _machine(self, machine: dict[str, Any], data: Data) -> Data:
        name = machine["StartAt"]
        while True:
            assert len(self.path) < 5000, "the walk does not end"
            self.path.append(name)
            state = machine["States"][name]
            try:
                following, data = getattr(self, f"_{state['Type'].lower()}")(state, data)
            except TaskError as error:
                following, data = self._caught(state, data, error)
            if following is None:
                return data
            name = following

    def _caught(self, state: dict[str, Any], data: Data, error: TaskError) -> tuple[str, Data]:
        for catcher in state.get("Catch", []):
            names = catcher["ErrorEquals"]
            wide = "States.ALL" in names or ("States.TaskFailed" in names and error.name != "States.Timeout")
            if wide or error.name in names:
                return catcher["Next"], with_value_at(
                    data, catcher["ResultPath"], {"Error": error.name, "Cause": error.cause}
                )
        raise error

    def _task(self, state: dict[str, Any], data: Data) -> tuple[str | None, Data]:
        function = state["Parameters"]["FunctionName"].removeprefix("leeward-")
        payload = self._fill(state["Parameters"]["Payload"], data)
        self.calls.append((function, payload))
        answer = self.answers.get(function, good_answer(function))(payload)
        result = answer if state["Resource"].endswith("waitForTaskToken") else {"Payload": answer}
        if "ResultSelector" in state:
            result = self._fill(state["ResultSelector"], result)
        return _next(state), with_value_at(data, state.get("ResultPath", "$"), result)

    def _pass(self, state: dict[str, Any], data: Data) -> tuple[str | None, Data]:
        return _next(state), with_value_at(data, state.get("ResultPath", "$"), self._fill(state["Parameters"], data))

    def _wait(self, state: dict[str, Any], data: Data) -> tuple[str | None, Data]:
        self.waited += state["Seconds"] if "Seconds" in state else value_at(state["SecondsPath"], data)
        return _next(state), data

    def _choice(self, state: dict[str, Any], data: Data) -> tuple[str | None, Data]:
        for rule in state["Choices"]:
            if _holds(rule, data):
                return rule["Next"], data
        return state["Default"], data

    def _succeed(self, _state: dict[str, Any], data: Data) -> tuple[str | None, Data]:
        self.outcome = ("SUCCEEDED", "", "")
        return None, data

    def _fail(self, state: dict[str, Any], data: Data) -> tuple[str | None, Data]:
        error, cause = (
            state[word] if word in state else self._value(state[f"{word}Path"], data) for word in ("Error", "Cause")
        )
        self.outcome = ("FAILED", error, cause)
        return None, data

    def _fill(self, template: Data, data: Data) -> Data:
        if isinstance(template, dict):
            return {
                key.removesuffix(".$"): self._value(value, data) if key.endswith(".$") else self._fill(value, data)
                for key, value in template.items()
            }
        return [self._fill(item, data) for item in template] if isinstance(template, list) else template

    def _value(self, text: str, data: Data) -> Data:
        if text.startswith("$$."):
            execution = {"Id": "arn:run", "Name": "run-1", "StartTime": "2026-03-01T09:00:00Z", "Input": self.input}
            return value_at("$" + text[2:], {"Execution": execution, "Task": {"Token": "token"}})
        if not text.startswith("States."):
            return value_at(text, data)
        return self._intrinsic(text, data)

    def _intrinsic(self, text: str, data: Data) -> Data:
        name, inside = re.fullmatch(r"States\.(\w+)\((.*)\)", text).groups()  # type: ignore[union-attr]
        values = [self._argument(part, data) for part in _arguments(inside)]
        match name:
            case "Format":
                texts = [v if isinstance(v, str) else json.dumps(v) for v in values[1:]]
                return values[0].replace("{}", "\0").replace("\0", "{}").format(*texts)
            case "MathAdd":
                return values[0] + values[1]
            case "JsonToString":
                return json.dumps(values[0])
            case "StringToJson":
                return json.loads(values[0])
        raise AssertionError(f"unknown intrinsic {name}")

    def _argument(self, part: str, data: Data) -> Data:
        if part.startswith("'"):
            return part[1:-1]
        return int(part) if re.fullmatch(r"-?\d+", part) else self._value(part, data)


def value_at(path: str, data: Data) -> Data:
    """The value at a JSON path of the forms that the compiler writes."""
    if path == "$":
        return data
    for part in path.removeprefix("$.").split("."):
        data = data[part]
    return data


def with_value_at(data: Data, path: str | None, value: Data) -> Data:
    """`data` with `value` at a reference path."""
    if path is None:
        return data
    if path == "$":
        return value
    data = json.loads(json.dumps(data))
    here = data
    *parents, last = path.removeprefix("$.").split(".")
    for parent in parents:
        here = here.setdefault(parent, {})
    here[last] = value
    return data


def _next(state: dict[str, Any]) -> str | None:
    return None if state.get("End") else state["Next"]


def _arguments(inside: str) -> list[str]:
    return [part.strip() for part in re.findall(r"'[^']*'|[^,]+", inside) if part.strip()]


def _holds(rule: dict[str, Any], data: Data) -> bool:
    if "And" in rule:
        return all(_holds(inner, data) for inner in rule["And"])
    if "Or" in rule:
        return any(_holds(inner, data) for inner in rule["Or"])
    try:
        value = value_at(rule["Variable"], data)
    except (KeyError, TypeError):
        if any(test.startswith("Is") for test in rule):
            return False
        raise
    comparison = next(key for key in rule if key not in ("Variable", "Next"))
    return _compare(comparison, value, rule[comparison])


def _compare(comparison: str, value: Data, wanted: Data) -> bool:
    match comparison:
        case "StringEquals" | "BooleanEquals":
            return type(value) is type(wanted) and value == wanted
        case "NumericGreaterThanEquals":
            return bool(value >= wanted)
        case "NumericLessThanEquals":
            return bool(value <= wanted)
        case "IsPresent":
            return True
        case "IsString":
            return isinstance(value, str)
    raise AssertionError(f"unknown comparison {comparison}")
