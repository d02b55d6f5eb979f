"""Runs lanes in parallel: one poll loop per lane, and a decision when all have ended.

A lane never fails, because Step Functions aborts the other branches when one fails. It ends in `{group, outcome: done |
failed | unforeseen, error?, cause?}`. The list of these is stored at `$.wave` as `lanes`, with flags for whether any
lane `failed` or had an `unforeseen` error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leeward.state_machines.asl import (
    ChoiceState,
    Comparison,
    Json,
    JsonObject,
    ParallelBranch,
    ParallelState,
    PassState,
    States,
)
from leeward.state_machines.asl.intrinsic_functions import array_contains, json_to_string
from leeward.state_machines.fragments.patterns.poll_loop import PolledTask, PollExits, PollInterval, build_poll_loop
from leeward.state_machines.fragments.retries import catch_all
from leeward.state_machines.fragments.step_context import Fragment, StepContext

_WAVE_PATH = "$.wave"
_LANES_PATH = f"{_WAVE_PATH}.lanes"
# Two flags instead of tests of `$.wave[0].outcome` and so on, which evaluate to a list in the twin's engine (moto
# 5.2.5).
_LANE_SUMMARY: JsonObject = {
    "lanes.$": "$",
    "failed.$": array_contains("$[*].outcome", "failed"),
    "unforeseen.$": array_contains("$[*].outcome", "unforeseen"),
    # Only the names. The complete errors would double the state's data, and the journal has them.
    "errors.$": "$[*].error",
}


@dataclass(frozen=True, slots=True)
class Lane:
    """One of several parallel tasks. `first_state` is the name of its first state."""

    group: str
    first_state: str
    task: str
    parameters: Mapping[str, Json]
    comment: str


def build_waves(context: StepContext, interval: PollInterval, lane_waves: Sequence[Sequence[Lane]]) -> Fragment:
    """Build waves in sequence, each with parallel lanes. The next wave starts when every lane is done."""
    entries = [context.entry, *(context.new_state_name(f"wave {number}") for number in range(2, len(lane_waves) + 1))]
    defect = context.new_state_name("unforeseen in a lane")
    states: States = {}
    for number, (entry, wave) in enumerate(zip(entries, lane_waves, strict=True), start=1):
        after = entries[number] if number < len(entries) else context.exits.done
        title = f"Wave {number} of {len(lane_waves)}: " if len(lane_waves) > 1 else ""
        verdict = context.state_names.reserve(entry, ": all done?")
        states[entry] = ParallelState(
            branches=tuple(_lane_branch(context, interval, lane, len(wave)) for lane in wave),
            next=verdict,
            comment=f"{title}{', '.join(lane.group for lane in wave)}",
            result_selector=_LANE_SUMMARY,
            result_path=_WAVE_PATH,
            catch=(catch_all(context.exits.unexpected),),
        )
        states[verdict] = ChoiceState(
            choices=(
                (Comparison(f"{_WAVE_PATH}.unforeseen", True), defect),
                (Comparison(f"{_WAVE_PATH}.failed", False), after),
            ),
            default=context.exits.failed,
            comment="Continue only when every lane is done",
        )
    states[defect] = PassState(
        {"step": context.step.id, "error": "Unforeseen", "cause.$": json_to_string(f"{_WAVE_PATH}.errors")},
        context.exits.halt,
        "$.failure",
        "Unexpected error: stop and keep the lock",
    )
    return Fragment(states, failure=("branches.$", _LANES_PATH), if_unrecorded=defect)


def _lane_branch(context: StepContext, interval: PollInterval, lane: Lane, lane_count: int) -> ParallelBranch:
    entry = context.state_names.reserve(lane.first_state)
    done, failed, defect = (
        context.state_names.reserve(lane.first_state, f": {word}") for word in ("done", "failed", "unforeseen")
    )
    polled = PolledTask(
        context.step, lane.task, lane.parameters, interval.to_poll(context.timeout_seconds, lane_count), lane.comment
    )
    error: dict[str, Json] = {"error.$": "$.error.Error", "cause.$": "$.error.Cause"}
    ends: States = {
        done: PassState({"group": lane.group, "outcome": "done", "error": "none"}, None),
        failed: PassState({"group": lane.group, "outcome": "failed"} | error, None),
        defect: PassState({"group": lane.group, "outcome": "unforeseen"} | error, None),
    }
    return ParallelBranch(
        entry, build_poll_loop(polled, entry, context.state_names, PollExits(done, failed, defect)) | ends
    )
