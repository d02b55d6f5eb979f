"""The way back: what the steps did, undone in reverse order, the failed step's own part first.

One chain for the whole machine; a step whose policy is `undo` enters it at its own place. An undo that fails stops the
run there with the lock held: to go on could take away what users still stand on. Where what is left harms nobody (an
instance that runs on) the way back goes on, so that a fence opens again; the run then ends with the lock held as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from leeward.state_machines.asl import Choice, Present, States
from leeward.state_machines.compile.context import Context, Exits, Fragment
from leeward.state_machines.compile.frame import Ends
from leeward.state_machines.compile.names import Names
from leeward.state_machines.compile.retries import catch_all
from leeward.state_machines.compile.tasks import call, function_name, payload
from leeward.state_machines.steps import Step, kind_of

_LEFT = "$.left"


@dataclass(frozen=True, slots=True)
class WayBack:
    """Each step's own undo states, where the way back starts when that step has failed, and how it ends."""

    entries: tuple[str, ...] = ()
    parts: tuple[States, ...] = ()
    verdict: States = field(default_factory=States)

    @property
    def states(self) -> States:
        """All states, the last step's first, as the way goes."""
        return {name: state for part in reversed(self.parts) for name, state in part.items()} | self.verdict

    def entry(self, index: int) -> str | None:
        """Where the way back starts for the step at `index`; None beyond the last step that asks for one."""
        return self.entries[index] if index < len(self.entries) else None

    def owned(self, index: int) -> States:
        """The undo states of the step at `index`."""
        return self.parts[index] if index < len(self.parts) else {}


def way_back(steps: Sequence[tuple[Step, Context]], ends: Ends, names: Names) -> WayBack:
    """The way back over `steps`, a runbook's first ones, in their order."""
    entries: list[str] = []
    parts: list[States] = []
    verdict: States = {}
    following = ends.stopped
    if any(kind_of(step).may_be_left and _undoes(step) for step, _ in steps):
        following = names.take("Is anything left?")
        verdict[following] = Choice(
            ((Present(_LEFT), ends.halted),), ends.stopped, "Keep the lock when something could not be taken back"
        )
    for step, context in steps:
        kind, made = kind_of(step), States()
        if kind.undo is not None and _undoes(step):
            title = f"Undo: {step.name}"
            entry, failed = context.names.take(title), context.names.take(title, ": failed")
            exits = Exits(done=following, failed=failed, unforeseen=failed, halt=ends.halted)
            fragment = kind.undo(step, context.entering(entry, exits))
            stuck = following if kind.may_be_left else ends.halted
            made = fragment.states | _stuck(context, fragment, failed, stuck, goes_on=kind.may_be_left)
            following = entry
        entries.append(following)
        parts.append(made)
    return WayBack(tuple(entries), tuple(parts), verdict)


def _undoes(step: Step) -> bool:
    kind = kind_of(step)
    return kind.undo is not None and bool(kind.can_undo(step))


def _stuck(context: Context, fragment: Fragment, failed: str, after: str, *, goes_on: bool) -> States:
    # $.failure must stay the failure that led here: that an undo failed is kept beside it, or left to the history.
    then = "go on with the way back, and keep the lock at its end" if goes_on else "stop here and keep the lock"
    return {
        failed: call(
            function_name("record_failure"),
            payload(context.step, fragment.failure_json() | {"policy": "leave" if goes_on else "stop"}),
            next=after,
            catch=(catch_all(after, _LEFT if goes_on else "$.unrecorded"),),
            comment=f"What was done could not be undone: write it down, {then}",
            result_selector={"step.$": "$.Payload.step"} if goes_on else None,
            result_path=_LEFT if goes_on else None,
        )
    }
