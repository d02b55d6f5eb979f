"""Compiles a runbook to a complete state machine: the frame, the steps' fragments, their failure handling, and
rollback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.registry import has_effect
from leeward.state_machines.analysis.execution_bounds import max_seconds
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunRegions
from leeward.state_machines.asl import JsonObject, StateMachine, States, next_states
from leeward.state_machines.compile.failure_handling import FailureContext, build_failure_states
from leeward.state_machines.compile.redrive import RedriveTargets
from leeward.state_machines.compile.run_frame import EndStates, build_begin_states, build_end_states
from leeward.state_machines.compile.undo_chain import build_undo_chain
from leeward.state_machines.fields.failure_policy import OnFailure
from leeward.state_machines.fragments.patterns.skip_gate import build_skip_gate
from leeward.state_machines.fragments.state_names import StateNames, make_step_ids
from leeward.state_machines.fragments.step_context import NextStep, StepContext, StepExits, StepIdentity
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.step_kinds.step_behavior import compile_step, kind_of

_INPUT_DESCRIPTION = (
    "The run's input. Every field is optional, and {} is valid: reason (text), approve (true approves the runbook's "
    "approval steps), incident_at (ISO time from which RTO and RPO are measured), accept_data_loss (true continues "
    "although the RPO is exceeded), point_in_time (ISO time to recover to), skip (a list of step names to skip), "
    "take_over (the ID of the run whose lock this run takes over), waive_lock (the Region that keeps the lock, when "
    "that Region is unavailable). Any other field is rejected."
)


@dataclass(frozen=True, slots=True)
class CompiledStep:
    """The states that belong to a step. `undo_states` are those that roll the step back.

    `gate` is the state that decides whether the step is skipped, or None when it can't be skipped.
    """

    id: str
    name: str
    kind: str
    states: tuple[str, ...]
    undo_states: tuple[str, ...] = ()
    gate: str | None = None


@dataclass(frozen=True, slots=True)
class CompiledRunbook:
    """A runbook's state machine, and the states of each step."""

    application: str
    runbook: str
    run_regions: RunRegions
    machine: StateMachine
    steps: tuple[CompiledStep, ...]

    @property
    def definition(self) -> JsonObject:
        """Return the definition as JSON values."""
        return self.machine.to_json()

    @property
    def text(self) -> str:
        """Return the text of the generated file."""
        return self.machine.to_text()


def compile_runbook(application: Application, runbook: Runbook) -> CompiledRunbook:
    """Compile validated documents to a state machine. Equal documents give equal bytes."""
    run_regions = RunRegions.from_direction(application.regions, runbook.direction)
    names = StateNames()
    contexts, gates, final = _step_contexts(application, runbook, run_regions, names)
    parts = list(zip(runbook.steps, contexts, strict=True))
    ids = tuple(context.step.id for context in contexts)

    steps = tuple(context.step for context in contexts)
    first = gates[0] or contexts[0].entry
    start, states = build_begin_states(
        runbook, run_regions, application.objectives, steps=steps, state_names=names, first=first
    )
    fragments = [compile_step(step, context) for step, context in parts]
    undo_chain = build_undo_chain(parts[: _count_undoable_steps(runbook)], final, names)

    owned: list[States] = []
    for index, ((step, context), fragment) in enumerate(zip(parts, fragments, strict=True)):
        gate = gates[index]
        states |= build_skip_gate(gate, context) if gate else {}
        failure = FailureContext(step.policy, final, undo_chain.entry_for(index), ids)
        owned.append(fragment.states | build_failure_states(context, failure))
        states |= owned[-1]
    states = keep_reachable(
        start, states | undo_chain.states | build_end_states(final, names, _redrive_targets(application, contexts))
    )
    infos = tuple(
        CompiledStep(
            step.id,
            step.name,
            step.kind,
            _owned_state_names(step_states, states),
            _owned_state_names(undo_chain.states_for(index), states),
            gates[index],
        )
        for index, (step, step_states) in enumerate(zip(steps, owned, strict=True))
    )
    # When a run reaches its TimeoutSeconds, Step Functions ends it without a message, and the lock stays. So the
    # timeout is raised when the worst path, with every retry and the full length of every wait, takes longer.
    seconds = max(int(runbook.timeout.total_seconds()), max_seconds(start, states))
    machine = StateMachine(_machine_comment(application, runbook, run_regions), start, seconds, states)
    return CompiledRunbook(application.application, runbook.runbook, run_regions, machine, infos)


def _redrive_targets(application: Application, contexts: Sequence[StepContext]) -> RedriveTargets:
    locks = any(has_effect(context.step.kind, Effect.TAKES_LOCK) for context in contexts)
    steps = [(context.step.id, context.entry) for context in contexts]
    return RedriveTargets(steps, application.regions.standby if locks else None)


def keep_reachable(start: str, states: States) -> States:
    """Return the states that can be reached from `start`, in their order. Not every failure state has a transition to
    it.
    """
    reached, ahead = {start}, [start]
    while ahead:
        following = set(next_states(states[ahead.pop()])) - reached
        reached |= following
        ahead += following
    return {name: state for name, state in states.items() if name in reached}


def _step_contexts(
    application: Application, runbook: Runbook, run_regions: RunRegions, state_names: StateNames
) -> tuple[list[StepContext], list[str | None], EndStates]:
    # Reserve the steps' names first. A later state with the same name gets a number as a suffix.
    entries = [state_names.reserve(step.name) for step in runbook.steps]
    gates = [
        state_names.reserve(step.name, ": skip?") if kind_of(step).may_be_skipped else None for step in runbook.steps
    ]
    first_states = [gate or entry for gate, entry in zip(gates, entries, strict=True)]
    final = EndStates.reserve(state_names)
    ids = make_step_ids(step.name for step in runbook.steps)
    contexts = []
    for index, step in enumerate(runbook.steps):
        exits = StepExits(
            done=first_states[index + 1] if index + 1 < len(entries) else final.succeeded,
            failed=state_names.reserve(step.name, ": failed"),
            unexpected=state_names.reserve(step.name, ": unforeseen"),
            next_step=_next_step(index, ids, entries, gates),
        )
        ref = StepIdentity(ids[index], step.name, step.kind)
        contexts.append(
            StepContext(
                application,
                run_regions,
                state_names,
                ref,
                entries[index],
                exits,
                step.attempt_timeout_seconds,
                policy=str(step.policy),
            )
        )
    return contexts, gates, final


def _next_step(index: int, ids: Sequence[str], entries: Sequence[str], gates: Sequence[str | None]) -> NextStep | None:
    """Return the step after the one at `index` if it has a gate."""
    following = index + 1
    gate = gates[following] if following < len(gates) else None
    return None if gate is None else NextStep(ids[following], entries[following], gate)


def _count_undoable_steps(runbook: Runbook) -> int:
    """Return the number of steps, from the first, that a rollback must cover."""
    undone = (number for number, step in enumerate(runbook.steps, start=1) if step.policy.then is OnFailure.UNDO)
    return max(undone, default=0)


def _owned_state_names(states: States, reachable: States) -> tuple[str, ...]:
    return tuple(name for name in states if name in reachable)


def _machine_comment(application: Application, runbook: Runbook, run_regions: RunRegions) -> str:
    description = f" {runbook.description}." if runbook.description else ""
    return (
        f"{application.application}: {runbook.runbook}, from {run_regions.origin} to "
        f"{run_regions.target}.{description} {_INPUT_DESCRIPTION}"
    )
