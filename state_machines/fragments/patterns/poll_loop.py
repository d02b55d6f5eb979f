"""Waiting for AWS: act, wait with a growing interval, look, decide. Everything that waits is built here.

    act -> done? -- done ------------------------> exits.done
             |  \\- time is up, or looks are ------> timed out -> exits.failed
             v
            wait -> look -> done? ...              act or look fails -> exits.failed or exits.unforeseen

The tasks answer with a `common.polling.Progress`, which is kept at `$.look`. The interval, and whether time is up, are
computed by the task from the clock; the number of looks is bounded here as well, so that no clock makes a loop endless.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leeward.base import durations
from leeward.common.polling import PollProgress, PollState, PollStatus
from leeward.state_machines.asl import AnyOf, ChoiceState, Comparison, Json, JsonObject, PassState, States, WaitState
from leeward.state_machines.asl.intrinsic_functions import format_string, math_add
from leeward.state_machines.fragments.lambda_tasks import function_name, invoke_function, task_payload
from leeward.state_machines.fragments.retries import poll_catchers, step_catchers
from leeward.state_machines.fragments.state_names import StateNames
from leeward.state_machines.fragments.step_context import StepIdentity

# A look writes up to 11 of the 25,000 history events that Step Functions allows a run.
# So a wait looks so often at most, and many side by side share so many looks, down to a few for each.
_MAX_POLLS, _SHARED_POLLS, _MIN_POLLS = 120, 360, 15
# So many looks in a row without an answer: as many tries as a Retry gives any other call.
_MAX_MISSED_POLLS = 6
_POLL_PATH = "$.look"


@dataclass(frozen=True, slots=True)
class PollInterval:
    """Seconds before the second look, and the longest that the interval grows to."""

    first_seconds: int
    longest_seconds: int

    def to_poll(self, timeout_seconds: int, parallel_lanes: int = 1) -> PollState:
        """The pace for a wait of so long, one of several at once; a long wait, and one of many, looks less often."""
        looks = max(_MIN_POLLS, min(_MAX_POLLS, _SHARED_POLLS // parallel_lanes))
        longest = max(self.longest_seconds, -(-timeout_seconds // looks))
        return PollState(first_seconds=self.first_seconds, longest_seconds=longest, timeout_seconds=timeout_seconds)


@dataclass(frozen=True, slots=True)
class PolledTask:
    """What is waited for: `task` is called until it answers that its goal is reached."""

    step: StepIdentity
    task: str
    parameters: Mapping[str, Json]
    poll: PollState
    comment: str


@dataclass(frozen=True, slots=True)
class PollExits:
    """Where a wait ends. `failed` and `unforeseen` find {Error, Cause} at `$.error`."""

    done: str
    failed: str
    unexpected: str


def build_poll_loop(polled: PolledTask, entry: str, state_names: StateNames, exits: PollExits) -> States:
    """The states of one wait; the first is called `entry`, the others after it."""
    decide, pause, look, missed, late = (
        state_names.reserve(entry, f": {word}") for word in ("done?", "wait", "look", "look missed", "timed out")
    )
    span = durations.format_duration(polled.poll.timeout_seconds)
    caught = step_catchers(exits.failed, exits.unexpected)
    return {
        entry: invoke_function(
            function_name(polled.task),
            task_payload(polled.step, polled.parameters, _poll_json(polled.poll)),
            next=decide,
            catch=caught,
            comment=polled.comment,
            result_selector=_PROGRESS_SELECTOR,
            result_path=_POLL_PATH,
        ),
        decide: ChoiceState(
            choices=(
                (Comparison(f"{_POLL_PATH}.status", PollStatus.DONE.value), exits.done),
                (Comparison(f"{_POLL_PATH}.missed", _MAX_MISSED_POLLS, "GreaterThanEquals"), exits.failed),
                (
                    AnyOf(
                        (
                            Comparison(
                                f"{_POLL_PATH}.elapsed_seconds", polled.poll.timeout_seconds, "GreaterThanEquals"
                            ),
                            Comparison(f"{_POLL_PATH}.attempt", max_polls(polled.poll), "GreaterThanEquals"),
                        )
                    ),
                    late,
                ),
            ),
            default=pause,
            comment=f"Done, or {span} over, or look again?",
        ),
        pause: WaitState(f"{_POLL_PATH}.wait_seconds", look, "The interval grows with each look"),
        look: invoke_function(
            function_name(polled.task),
            task_payload(polled.step, polled.parameters, _poll_json(polled.poll) | _NEXT_POLL_MEMBERS),
            next=decide,
            catch=poll_catchers(missed, exits.failed, exits.unexpected),
            comment="Look at what AWS has done since, and mend what a crash may have left undone",
            result_selector=_PROGRESS_SELECTOR,
            result_path=_POLL_PATH,
            retry=(),
        ),
        missed: PassState(_MISSED_POLL, decide, _POLL_PATH, "No answer this time: count it, and look again"),
        late: PassState(
            {
                "Error": "TimedOut",
                "Cause.$": format_string(f"Not done within {span}. Last seen: ", f"{_POLL_PATH}.detail"),
            },
            exits.failed,
            "$.error",
            "Out of time: the step has failed",
        ),
    }


def max_polls(poll: PollState) -> int:
    """At how many calls the time is up at the latest, however short the calls; one more than the waits need."""
    elapsed, looks = 0, 0
    while elapsed < poll.timeout_seconds:
        elapsed += poll.model_copy(update={"attempt": looks}).next_interval(elapsed)
        looks += 1
    return looks + 2


_PROGRESS_SELECTOR: JsonObject = {
    **{f"{member}.$": f"$.Payload.{member}" for member in PollProgress.model_fields},
    "missed": 0,
}
_MISSED_POLL: JsonObject = {
    **{f"{member}.$": f"{_POLL_PATH}.{member}" for member in PollProgress.model_fields},
    **{f"{member}.$": math_add(f"{_POLL_PATH}.{member}", 1) for member in ("attempt", "missed")},
}
_NEXT_POLL_MEMBERS: JsonObject = {"attempt.$": f"{_POLL_PATH}.attempt", "started_at.$": f"{_POLL_PATH}.started_at"}


def _poll_json(poll: PollState) -> JsonObject:
    return {
        "first_seconds": poll.first_seconds,
        "longest_seconds": poll.longest_seconds,
        "timeout_seconds": poll.timeout_seconds,
    }
