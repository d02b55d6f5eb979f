"""Steps that the input skips are skipped, and a run that skips nothing passes no gate after a poll loop."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from leeward.state_machines.compile.runbook_compiler import CompiledRunbook, CompiledStep
from tests.state_machines.conftest import every_machine
from tests.state_machines.walks.graph_walker import GraphWalker
from tests.state_machines.walks.scripted_answers import begun
from tests.support.nonempty import nonempty

MACHINES = every_machine()
SKIPPING = [compiled for compiled in MACHINES if any(step.gate for step in compiled.steps)]
for_each_machine = pytest.mark.parametrize("compiled", SKIPPING, ids=lambda c: f"{c.application}-{c.runbook}")


def walk_skipping(compiled: CompiledRunbook, *steps: CompiledStep, **others: Any) -> GraphWalker:
    skip = {step.id: True for step in steps} | others
    return GraphWalker(compiled.definition, {"run-begin": lambda _: begun(skip=skip)}).run()


def called_steps(walk: GraphWalker) -> list[str]:
    """The IDs of the steps that called a function, in order."""
    return list(dict.fromkeys(payload["step"]["id"] for _, payload in walk.calls if "step" in payload))


def is_polled(compiled: CompiledRunbook, step: CompiledStep) -> bool:
    return f"{step.name}: done?" in compiled.machine.states


def skippable(compiled: CompiledRunbook) -> list[CompiledStep]:
    return [step for step in compiled.steps if step.gate is not None]


@for_each_machine
@pytest.mark.parametrize("skip", [{}, None, False], ids=["nothing listed", "no list", "listed as false"])
def test_hot_path_has_no_gate(compiled: CompiledRunbook, skip: Any) -> None:
    """Only the first step's gate, and those after steps that don't poll, are on the path."""
    if skip is None:
        walk = GraphWalker(compiled.definition).run()
    else:
        listed = {} if skip == {} else {step.id: False for step in compiled.steps}
        walk = walk_skipping(compiled, **listed)
    gates = {step.gate for step in compiled.steps[:1]} | {
        step.gate for before, step in pairwise(compiled.steps) if not is_polled(compiled, before)
    }
    passed = {step.gate for step in compiled.steps if step.gate in walk.path}
    assert passed <= gates
    assert walk.outcome[0] == "SUCCEEDED"


def test_every_step_but_approvals_waits_and_team_functions_polls() -> None:
    kinds = {step.kind for one in MACHINES for step in one.steps if not is_polled(one, step)}
    assert kinds == {"approval.request", "wait", "lambda.invoke"}


@for_each_machine
def test_each_skipped_step_is_left_out(compiled: CompiledRunbook) -> None:
    every = called_steps(walk_skipping(compiled))
    for step in nonempty(skippable(compiled)):
        walk = walk_skipping(compiled, step)
        assert called_steps(walk) == [one for one in every if one != step.id]
        assert step.gate in walk.path
        assert not set(step.states) & set(walk.path)


@for_each_machine
def test_two_skipped_steps_in_a_row_are_left_out(compiled: CompiledRunbook) -> None:
    every = called_steps(walk_skipping(compiled))
    pairs = [(one, other) for one, other in pairwise(compiled.steps) if one.gate and other.gate]
    if len(skippable(compiled)) > 2:
        assert pairs
    for one, other in pairs:
        walk = walk_skipping(compiled, one, other)
        assert called_steps(walk) == [step for step in every if step not in (one.id, other.id)]
        assert walk.outcome[0] == "SUCCEEDED"


@for_each_machine
def test_all_skippable_steps_can_be_skipped_at_once(compiled: CompiledRunbook) -> None:
    walk = walk_skipping(compiled, *skippable(compiled))
    every = called_steps(walk_skipping(compiled))
    assert called_steps(walk) == [step for step in every if step not in {one.id for one in skippable(compiled)}]
