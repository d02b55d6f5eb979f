"""The way back: what the steps did, undone in reverse order, the failed step's own part first.

One chain for the whole machine; a step whose policy is `undo` enters it at its own place. An undo that fails stops the
run there with the lock held: to go on could take away what users still stand on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from state_machines.asl import States
from state_machines.compile.context import Context, Exits, Fragment
from state_machines.compile.frame import Ends
from state_machines.compile.retries import catch_all
from state_machines.compile.tasks import call, function_name, payload
from state_machines.steps import Step, kind_of


@dataclass(frozen=True, slots=True)
class WayBack:
    """Each step's own undo states, and where the way back starts when that step has failed."""

    entries: tuple[str, ...] = ()
    parts: tuple[States, ...] = ()

    @property
    def states(self) -> States:
        """All states, the last step's first, as the way goes."""
        return {name: state for part in reversed(self.parts) for name, state in part.items()}

    def entry(self, index: int) -> str | None:
        """Where the way back starts for the step at `index`; None beyond the last step that asks for one."""
        return self.entries[index] if index < len(self.entries) else None

    def owned(self, index: int) -> States:
        """The undo states of the step at `index`."""
        return self.parts[index] if index < len(self.parts) else {}


def way_back(steps: Sequence[tuple[Step, Context]], ends: Ends) -> WayBack:
    """The way back over `steps`, a runbook's first ones, in their order."""
    entries: list[str] = []
    parts: list[States] = []
    following = ends.stopped
    for step, context in steps:
        kind, made = kind_of(step), States()
        if kind.undo is not None and kind.can_undo(step):
            title = f"Undo: {step.name}"
            entry, failed = context.names.take(title), context.names.take(title, ": failed")
            exits = Exits(done=following, failed=failed, unforeseen=failed, halt=ends.halted)
            fragment = kind.undo(step, context.entering(entry, exits))
            made = fragment.states | _stuck(context, fragment, failed, ends.halted)
            following = entry
        entries.append(following)
        parts.append(made)
    return WayBack(tuple(entries), tuple(parts))


def _stuck(context: Context, fragment: Fragment, failed: str, halted: str) -> States:
    # The answer is left to the history: $.failure must stay the failure that led here.
    return {
        failed: call(
            function_name("record_failure"),
            payload(context.step, fragment.failure_json() | {"policy": "stop"}),
            next=halted,
            catch=(catch_all(halted, "$.unrecorded"),),
            comment="What was done could not be undone: write it down, stop here and keep the lock",
        )
    }
