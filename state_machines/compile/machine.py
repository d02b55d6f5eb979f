"""The whole machine of one runbook: the frame, the steps' fragments, what follows their failures, the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leeward.state_machines.asl import JsonObject, Machine, States, targets
from leeward.state_machines.checks.bounds import most_seconds
from leeward.state_machines.checks.graph import Scope
from leeward.state_machines.compile.context import Context, Exits, StepRef
from leeward.state_machines.compile.frame import Ends, begin, ends
from leeward.state_machines.compile.names import Names, step_ids
from leeward.state_machines.compile.policy import Failure, after_failure
from leeward.state_machines.compile.skipping import gate
from leeward.state_machines.compile.stopping import WayOn
from leeward.state_machines.compile.undo import way_back
from leeward.state_machines.documents.application import Application
from leeward.state_machines.documents.direction import Way
from leeward.state_machines.documents.policy import OnFailure
from leeward.state_machines.documents.runbook import Runbook
from leeward.state_machines.steps import kind_of

_INPUT = (
    "The run's input, all of it optional, {} works: reason (text), approve (true answers the runbook's own questions "
    "for approval with yes), incident_at (ISO time, from which RTO and RPO are measured), accept_data_loss (true goes "
    "on although the RPO is exceeded), point_in_time (ISO time to recover to), skip (a list of steps, by name, to pass "
    "over), take_over (the id of the run whose lock is taken over), waive_lock (the Region that keeps the lock, where "
    "it is dark). Anything else is refused."
)


@dataclass(frozen=True, slots=True)
class StepInfo:
    """Which states belong to a step, lanes included; `undo_states` are those of its way back.

    `gate` is the state before it that asks whether the step is to be skipped; None where it never is.
    """

    id: str
    name: str
    kind: str
    states: tuple[str, ...]
    undo_states: tuple[str, ...] = ()
    gate: str | None = None


@dataclass(frozen=True, slots=True)
class CompiledRunbook:
    """A runbook's state machine, and whose states are whose."""

    application: str
    runbook: str
    way: Way
    machine: Machine
    steps: tuple[StepInfo, ...]

    @property
    def definition(self) -> JsonObject:
        """The definition as JSON values."""
        return self.machine.to_json()

    @property
    def text(self) -> str:
        """The definition as the generated file holds it."""
        return self.machine.to_text()


def compile_runbook(application: Application, runbook: Runbook) -> CompiledRunbook:
    """The machine of valid documents. Pure, and the same for the same documents, to the byte."""
    way = Way.of(application.regions, runbook.direction)
    names = Names()
    contexts, gates, final = _contexts(application, runbook, way, names)
    parts = list(zip(runbook.steps, contexts, strict=True))
    ids = tuple(context.step.id for context in contexts)

    steps = tuple(context.step for context in contexts)
    first = gates[0] or contexts[0].entry
    start, states = begin(runbook, way, application.objectives, steps=steps, names=names, first=first)
    fragments = [kind_of(step).compile(step, context) for step, context in parts]
    back = way_back(parts[: _last_undo(runbook)], final, names)

    owned: list[States] = []
    for index, ((step, context), fragment) in enumerate(zip(parts, fragments, strict=True)):
        asked = gates[index]
        states |= gate(asked, context) if asked else {}
        failure = Failure(step.policy, final, back.entry(index), ids)
        owned.append(fragment.states | after_failure(context, fragment, failure))
        states |= owned[-1]
    states = reachable(start, states | back.states | ends(final, names, _way_on(application, contexts)))
    infos = tuple(
        StepInfo(step.id, step.name, step.kind, _names(own, states), _names(back.owned(index), states), gates[index])
        for index, (step, own) in enumerate(zip(steps, owned, strict=True))
    )
    # Step Functions ends a run that reaches its TimeoutSeconds without a word, and the lock stays. So the written time
    # is lengthened where the worst path, every call tried to the last and every wait to its end, could take longer.
    seconds = max(int(runbook.timeout.total_seconds()), most_seconds(Scope(start, states)))
    machine = Machine(_comment(application, runbook, way), start, seconds, states)
    return CompiledRunbook(application.application, runbook.runbook, way, machine, infos)


def _way_on(application: Application, contexts: Sequence[Context]) -> WayOn:
    locks = any(context.step.kind == "lock" for context in contexts)
    steps = [(context.step.id, context.entry) for context in contexts]
    return WayOn(steps, application.regions.standby if locks else None)


def reachable(start: str, states: States) -> States:
    """Those of `states` that a run can come to from `start`, in their order: not every failure is possible or asked."""
    found, ahead = {start}, [start]
    while ahead:
        following = set(targets(states[ahead.pop()])) - found
        found |= following
        ahead += following
    return {name: state for name, state in states.items() if name in found}


def _contexts(
    application: Application, runbook: Runbook, way: Way, names: Names
) -> tuple[list[Context], list[str | None], Ends]:
    # The steps' names first: whatever else wants the same name gets a number behind it.
    entries = [names.take(step.name) for step in runbook.steps]
    gates = [names.take(step.name, ": skip?") if kind_of(step).may_be_skipped else None for step in runbook.steps]
    ways_in = [asked or entry for asked, entry in zip(gates, entries, strict=True)]
    final = Ends.named(names)
    ids = step_ids(step.name for step in runbook.steps)
    contexts = []
    for index, step in enumerate(runbook.steps):
        exits = Exits(
            done=ways_in[index + 1] if index + 1 < len(entries) else final.succeeded,
            failed=names.take(step.name, ": failed"),
            unforeseen=names.take(step.name, ": unforeseen"),
            halt=final.halted,
        )
        ref = StepRef(ids[index], step.name, step.kind)
        contexts.append(
            Context(application, way, names, ref, entries[index], exits, step.seconds, policy=str(step.policy))
        )
    return contexts, gates, final


def _last_undo(runbook: Runbook) -> int:
    """How many steps, from the first, the way back must be able to take back."""
    asking = (number for number, step in enumerate(runbook.steps, start=1) if step.policy.then is OnFailure.UNDO)
    return max(asking, default=0)


def _names(own: States, kept: States) -> tuple[str, ...]:
    names: list[str] = []
    for name, state in own.items():
        if name in kept:
            names.append(name)
            names += [inner for branch in getattr(state, "branches", ()) for inner in branch.states]
    return tuple(names)


def _comment(application: Application, runbook: Runbook, way: Way) -> str:
    about = f" {runbook.description}." if runbook.description else ""
    return f"{application.application}: {runbook.runbook}, from {way.origin} to {way.target}.{about} {_INPUT}"
