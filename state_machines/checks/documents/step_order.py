"""Checks that no path leads to a change past the steps that must precede it.

A lock, an approval, a check that the target serves, a fence, and a wait for replication are *guards*. If the document
has a guard before a step that changes something, then every path in the machine to that step must contain the guard's
success. Only an operator's decision about the guard may lead past it: its skip in the run's input, the answer `skip`
after its failure, or a redrive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leeward.kinds.descriptors.effects import Effect
from leeward.state_machines.analysis.loop_bounds import RUN_STOP_FUNCTION
from leeward.state_machines.analysis.state_graph import invoked_function, reachable_states, task_payload
from leeward.state_machines.asl import (
    AllOf,
    AnyOf,
    ChoiceRule,
    ChoiceState,
    Comparison,
    PassState,
    State,
    StateMachine,
    TaskState,
)
from leeward.state_machines.checks.expectations.expected_steps import ExpectedStep, MachineDocuments, expected_steps
from leeward.state_machines.checks.expectations.task_names import ASK, RECORD_FAILURE
from leeward.state_machines.checks.findings.machine_finding import MachineFinding
from leeward.state_machines.fields.failure_policy import OnFailure
from leeward.state_machines.step_kinds.step_behavior import has_effect

# A state and one of its transitions: the number of a Choice's rule, or `_ELSE` for its default and for Next.
Transition = tuple[str, int]
_ELSE, _CAUGHT = -1, -2
GUARDS = (
    Effect.TAKES_LOCK,
    Effect.ASKS_APPROVAL,
    Effect.CHECKS_SERVICE,
    Effect.FENCES_WRITES,
    Effect.AWAITS_COPIES,
    Effect.AWAITS_WRITES,
)
# What a guard's states compare when it has succeeded: a poll's status, and an answer.
_SUCCESS = (
    ("$.look.status", "done"),
    ("$.decision.decision", "approve"),
    ("$.run.approved", True),
)


def check_order(machine: StateMachine, documents: MachineDocuments) -> Iterator[MachineFinding]:
    """Yield the changes that a run can reach past a step that must precede them.

    Such steps are the lock, approvals, checks, fences, and waits that the document has before the change.
    """
    steps = expected_steps(documents)
    owners = {name: owner for name, state in machine.states.items() if (owner := _step_of(state)) is not None}
    for index, guard in enumerate(steps):
        if guard.policy.then is OnFailure.CONTINUE or not any(has_effect(guard.model, one) for one in GUARDS):
            continue
        closed = set(_operator_transitions(machine.states, guard.id))
        closed |= set(_success_transitions(machine.states, owners, guard.id))
        edges = {name: frozenset(_open_targets(name, state, closed)) for name, state in machine.states.items()}
        reached = reachable_states(machine.start_at, edges)
        for step in steps[index + 1 :]:
            if has_effect(step.model, Effect.CHANGES):
                yield from _find_bypass(step, guard, owners, reached)


def _open_targets(name: str, state: State, closed: set[Transition]) -> Iterator[str]:
    """Yield the states that may follow if the closed transitions are never taken."""
    for number, after in _transitions(state):
        if (name, number) not in closed:
            yield after


def _transitions(state: State) -> Iterator[tuple[int, str]]:
    if isinstance(state, ChoiceState):
        yield from enumerate(after for _, after in state.choices)
        yield _ELSE, state.default
        return
    if isinstance(state, TaskState):
        yield from ((_CAUGHT, catcher.next) for catcher in state.catch)
    after = getattr(state, "next", None)
    if after is not None:
        yield _ELSE, after


def _find_bypass(
    step: ExpectedStep, guard: ExpectedStep, owners: Mapping[str, str], reached: set[str]
) -> Iterator[MachineFinding]:
    for name in owners:
        if owners[name] == step.id and name in reached:
            text = f"a run can get here past {guard.model.name!r}, without a decision of an operator"
            yield MachineFinding("order", name, text)
            return


def _step_of(state: State) -> str | None:
    """Return the ID of the step that the state does. States that undo or record have none."""
    identity = task_payload(state).get("step")
    if invoked_function(state) in (RECORD_FAILURE, ASK) or not isinstance(identity, Mapping):
        return None
    return None if identity.get("undo") else str(identity.get("id"))


def _operator_transitions(states: Mapping[str, State], guard: str) -> Iterator[Transition]:
    """Yield the transitions that a run takes after an operator has decided to go on without the guard."""
    answers = {
        state.next
        for state in states.values()
        if isinstance(state, TaskState) and invoked_function(state) == ASK and _step_id(state) == guard
    }
    for name, state in states.items():
        if invoked_function(state) == RUN_STOP_FUNCTION and isinstance(state, TaskState) and state.next is not None:
            yield name, _ELSE
        elif isinstance(state, ChoiceState):
            for number, (rule, _) in enumerate(state.choices):
                parts = list(_comparisons(rule))
                is_answer = any((one.variable, one.value) == ("$.decision.decision", "skip") for one in parts)
                if (name in answers and is_answer) or any(one.variable == f"$.run.skip.{guard}" for one in parts):
                    yield name, number


def _step_id(state: TaskState) -> str | None:
    identity = task_payload(state).get("step")
    return str(identity.get("id")) if isinstance(identity, Mapping) else None


def _success_transitions(states: Mapping[str, State], owners: Mapping[str, str], guard: str) -> Iterator[Transition]:
    """Yield the transitions that a run takes when the guard has succeeded."""
    for name, owner in owners.items():
        state = states[name]
        if owner != guard or not isinstance(state, TaskState) or state.next is None:
            continue
        verdict = states.get(state.next)
        if not isinstance(verdict, ChoiceState) or not any(map(_means_success, _all_comparisons(verdict))):
            yield name, _ELSE
            continue
        for number, (rule, _) in enumerate(verdict.choices):
            if any(map(_means_success, _comparisons(rule))):
                yield state.next, number
        yield from _silent_approvals(states, state)
    for name, state in states.items():
        if isinstance(state, ChoiceState) and owners.get(state.default) == guard:
            yield from (
                (name, number)
                for number, (rule, _) in enumerate(state.choices)
                if any(part.variable == "$.run.approved" for part in _comparisons(rule))
            )


def _silent_approvals(states: Mapping[str, State], question: TaskState) -> Iterator[Transition]:
    for catcher in question.catch:
        silent = states.get(catcher.next)
        if isinstance(silent, PassState) and silent.parameters.get("decision") == "approve" and silent.next is not None:
            yield catcher.next, _ELSE


def _means_success(part: Comparison) -> bool:
    return part.operator == "Equals" and any(
        (part.variable, part.value) == (variable, value) and type(part.value) is type(value)
        for variable, value in _SUCCESS
    )


def _all_comparisons(state: ChoiceState) -> Iterator[Comparison]:
    for rule, _ in state.choices:
        yield from _comparisons(rule)


def _comparisons(rule: ChoiceRule) -> Iterator[Comparison]:
    if isinstance(rule, Comparison):
        yield rule
    elif isinstance(rule, AllOf | AnyOf):
        for inner in rule.rules:
            yield from _comparisons(inner)
