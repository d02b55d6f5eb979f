"""Lanes side by side: one wait per lane, and a verdict when all have ended.

A lane never raises, because a branch that fails makes Step Functions abort its siblings: it ends in
`{group, outcome: done | failed | unforeseen, error?, cause?}`. At `$.wave` the list of these is kept as `lanes`, and
beside it whether any of them has `failed` or met something `unforeseen`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leeward.state_machines.asl import Branch, Choice, Equals, Json, JsonObject, Parallel, Pass, States
from leeward.state_machines.asl.intrinsics import as_text, contains
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.retries import catch_all
from leeward.state_machines.compile.waiting import Goal, Pace, WaitExits, waiting

_WAVE = "$.wave"
_LANES = f"{_WAVE}.lanes"
# Two flags rather than a look at `$.wave[0].outcome` and so on: the twin's engine (moto 5.2.5) makes a list of that.
_SUMMARY: JsonObject = {
    "lanes.$": "$",
    "failed.$": contains("$[*].outcome", "failed"),
    "unforeseen.$": contains("$[*].outcome", "unforeseen"),
    # The names alone: a copy of all that the lanes say would double the state's data. The journal has the words.
    "errors.$": "$[*].error",
}


@dataclass(frozen=True, slots=True)
class Lane:
    """One of the things done side by side; `label` names its first state."""

    group: str
    label: str
    task: str
    parameters: Mapping[str, Json]
    comment: str


def waves(context: Context, pace: Pace, lanes: Sequence[Sequence[Lane]]) -> Fragment:
    """Waves one after another, each of lanes side by side; the next wave starts when every lane is done."""
    entries = [context.entry, *(context.name(f"wave {number}") for number in range(2, len(lanes) + 1))]
    defect = context.name("unforeseen in a lane")
    states: States = {}
    for number, (entry, wave) in enumerate(zip(entries, lanes, strict=True), start=1):
        after = entries[number] if number < len(entries) else context.exits.done
        title = f"Wave {number} of {len(lanes)}: " if len(lanes) > 1 else ""
        verdict = context.names.take(entry, ": all done?")
        states[entry] = Parallel(
            branches=tuple(_branch(context, pace, lane, len(wave)) for lane in wave),
            next=verdict,
            comment=f"{title}{', '.join(lane.group for lane in wave)}",
            result_selector=_SUMMARY,
            result_path=_WAVE,
            catch=(catch_all(context.exits.unforeseen),),
        )
        states[verdict] = Choice(
            choices=(
                (Equals(f"{_WAVE}.unforeseen", True), defect),
                (Equals(f"{_WAVE}.failed", False), after),
            ),
            default=context.exits.failed,
            comment="Go on only when every lane is done",
        )
    states[defect] = Pass(
        {"step": context.step.id, "error": "Unforeseen", "cause.$": as_text(f"{_WAVE}.errors")},
        context.exits.halt,
        "$.failure",
        "An error that no one foresaw: stop here and keep the lock",
    )
    return Fragment(states, failure=("branches.$", _LANES), unrecorded=defect)


def _branch(context: Context, pace: Pace, lane: Lane, of: int) -> Branch:
    entry = context.names.take(lane.label)
    done, failed, defect = (context.names.take(lane.label, f": {word}") for word in ("done", "failed", "unforeseen"))
    goal = Goal(context.step, lane.task, lane.parameters, pace.poll(context.timeout_seconds, of), lane.comment)
    error: dict[str, Json] = {"error.$": "$.error.Error", "cause.$": "$.error.Cause"}
    ends: States = {
        done: Pass({"group": lane.group, "outcome": "done", "error": "none"}, None),
        failed: Pass({"group": lane.group, "outcome": "failed"} | error, None),
        defect: Pass({"group": lane.group, "outcome": "unforeseen"} | error, None),
    }
    return Branch(entry, waiting(goal, entry, context.names, WaitExits(done, failed, defect)) | ends)
