"""A definition is parsed to what it was written from, and what can't be read is named with its state."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from leeward.state_machines.asl.parser.definition_parser import parse_definition
from leeward.state_machines.compile.runbook_compiler import CompiledRunbook
from tests.state_machines.conftest import compiled_website, every_machine

TEXT = compiled_website("drill").text
PARALLEL = {"Type": "Parallel", "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}], "End": True}
LOCK, GATE = "Take the lock", "Check that a failover could succeed: skip?"


@pytest.mark.parametrize("compiled", every_machine(), ids=lambda c: f"{c.application}-{c.runbook}")
def test_parsed_machine_has_the_same_text(compiled: CompiledRunbook) -> None:
    parsed = parse_definition(compiled.text)
    assert parsed.problems == ()
    assert parsed.machine is not None
    assert parsed.machine.to_text() == compiled.text


@pytest.mark.parametrize(
    ("change", "state", "text"),
    [
        (lambda s: s[LOCK].update(InputPath="$.run"), LOCK, "has InputPath, which a compiled machine doesn't use"),
        (lambda s: s[LOCK].update(HeartbeatSeconds=5), LOCK, "has HeartbeatSeconds"),
        (lambda s: s[LOCK].pop("TimeoutSeconds"), LOCK, "has no TimeoutSeconds"),
        (lambda s: s[LOCK].update(TimeoutSeconds="75"), LOCK, "has a TimeoutSeconds that is no whole number"),
        (lambda s: s[LOCK].update(TimeoutSeconds=True), LOCK, "has a TimeoutSeconds that is no whole number"),
        (lambda s: s[LOCK]["Retry"][0].pop("MaxAttempts"), LOCK, "has no MaxAttempts"),
        (lambda s: s[LOCK]["Catch"][0].update(ErrorEquals=[]), LOCK, "has a ErrorEquals that is no list of names"),
        (lambda s: s[LOCK].update(End=True), LOCK, "has both Next and End"),
        (lambda s: s[LOCK].update(Type="Map"), LOCK, "is of the type 'Map'"),
        (
            lambda s: s.update({LOCK: PARALLEL}),
            LOCK,
            "is of the type 'Parallel', which a compiled",
        ),
        (lambda s: s[GATE].pop("Default"), GATE, "has no Default"),
        (lambda s: s[GATE]["Choices"].append({"Not": {}, "Next": LOCK}), GATE, "has a rule with Not"),
        (lambda s: s[GATE]["Choices"][0]["And"][0].update(IsPresent=False), GATE, "has a rule with IsPresent: false"),
    ],
)
def test_unknown_or_missing_member_is_named_with_its_state(
    change: Callable[[dict[str, Any]], object], state: str, text: str
) -> None:
    definition = json.loads(TEXT)
    change(definition["States"])
    problems = parse_definition(json.dumps(definition)).problems
    assert any(problem.state == state and text in problem.text for problem in problems), problems


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"States": {}}', '{"States": []}', "[" * 100_000])
def test_text_without_states_is_a_problem(text: str) -> None:
    parsed = parse_definition(text)
    assert parsed.machine is None
    assert parsed.problems


def test_member_that_is_there_twice_is_a_problem() -> None:
    twice = TEXT.replace('"StartAt"', '"StartAt": "Take the lock",\n  "StartAt"', 1)
    assert any("has 'StartAt' twice" in problem.text for problem in parse_definition(twice).problems)
