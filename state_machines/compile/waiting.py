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

from leeward.common import durations
from leeward.common.polling import Poll, Progress, Status
from leeward.state_machines.asl import Any, Choice, Equals, Json, JsonObject, Pass, States, Wait
from leeward.state_machines.asl.intrinsics import add, concat
from leeward.state_machines.compile.context import StepRef
from leeward.state_machines.compile.names import Names
from leeward.state_machines.compile.retries import catches, catches_of_look
from leeward.state_machines.compile.tasks import call, function_name, payload

# A look writes up to 11 of the 25,000 history events that Step Functions allows a run.
# So a wait looks so often at most, and many side by side share so many looks, down to a few for each.
_MOST_LOOKS, _SHARED_LOOKS, _FEWEST_LOOKS = 120, 360, 15
# So many looks in a row without an answer: as many tries as a Retry gives any other call.
_MOST_MISSED = 6
_LOOK = "$.look"


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds before the second look, and the longest that the interval grows to."""

    first_seconds: int
    longest_seconds: int

    def poll(self, timeout_seconds: int, side_by_side: int = 1) -> Poll:
        """The pace for a wait of so long, one of several at once; a long wait, and one of many, looks less often."""
        looks = max(_FEWEST_LOOKS, min(_MOST_LOOKS, _SHARED_LOOKS // side_by_side))
        longest = max(self.longest_seconds, -(-timeout_seconds // looks))
        return Poll(first_seconds=self.first_seconds, longest_seconds=longest, timeout_seconds=timeout_seconds)


@dataclass(frozen=True, slots=True)
class Goal:
    """What is waited for: `task` is called until it answers that its goal is reached."""

    step: StepRef
    task: str
    parameters: Mapping[str, Json]
    poll: Poll
    comment: str


@dataclass(frozen=True, slots=True)
class WaitExits:
    """Where a wait ends. `failed` and `unforeseen` find {Error, Cause} at `$.error`."""

    done: str
    failed: str
    unforeseen: str


def waiting(goal: Goal, entry: str, names: Names, exits: WaitExits) -> States:
    """The states of one wait; the first is called `entry`, the others after it."""
    decide, pause, look, missed, late = (
        names.take(entry, f": {word}") for word in ("done?", "wait", "look", "look missed", "timed out")
    )
    span = durations.show(goal.poll.timeout_seconds)
    caught = catches(exits.failed, exits.unforeseen)
    return {
        entry: call(
            function_name(goal.task),
            payload(goal.step, goal.parameters, _poll_json(goal.poll)),
            next=decide,
            catch=caught,
            comment=goal.comment,
            result_selector=_PROGRESS,
            result_path=_LOOK,
        ),
        decide: Choice(
            choices=(
                (Equals(f"{_LOOK}.status", Status.DONE.value), exits.done),
                (Equals(f"{_LOOK}.missed", _MOST_MISSED, "GreaterThanEquals"), exits.failed),
                (
                    Any(
                        (
                            Equals(f"{_LOOK}.elapsed_seconds", goal.poll.timeout_seconds, "GreaterThanEquals"),
                            Equals(f"{_LOOK}.attempt", most_looks(goal.poll), "GreaterThanEquals"),
                        )
                    ),
                    late,
                ),
            ),
            default=pause,
            comment=f"Done, or {span} over, or look again?",
        ),
        pause: Wait(f"{_LOOK}.wait_seconds", look, "The interval grows with each look"),
        look: call(
            function_name(goal.task),
            payload(goal.step, goal.parameters, _poll_json(goal.poll) | _LATER),
            next=decide,
            catch=catches_of_look(missed, exits.failed, exits.unforeseen),
            comment="Look at what AWS has done since, and mend what a crash may have left undone",
            result_selector=_PROGRESS,
            result_path=_LOOK,
            retry=(),
        ),
        missed: Pass(_MISSED, decide, _LOOK, "No answer this time: count it, and look again"),
        late: Pass(
            {"Error": "TimedOut", "Cause.$": concat(f"Not done within {span}. Last seen: ", f"{_LOOK}.detail")},
            exits.failed,
            "$.error",
            "Out of time: the step has failed",
        ),
    }


def most_looks(poll: Poll) -> int:
    """At how many calls the time is up at the latest, however short the calls; one more than the waits need."""
    elapsed, looks = 0, 0
    while elapsed < poll.timeout_seconds:
        elapsed += poll.model_copy(update={"attempt": looks}).next_interval(elapsed)
        looks += 1
    return looks + 2


_PROGRESS: JsonObject = {**{f"{member}.$": f"$.Payload.{member}" for member in Progress.model_fields}, "missed": 0}
_MISSED: JsonObject = {
    **{f"{member}.$": f"{_LOOK}.{member}" for member in Progress.model_fields},
    **{f"{member}.$": add(f"{_LOOK}.{member}", 1) for member in ("attempt", "missed")},
}
_LATER: JsonObject = {"attempt.$": f"{_LOOK}.attempt", "started_at.$": f"{_LOOK}.started_at"}


def _poll_json(poll: Poll) -> JsonObject:
    return {
        "first_seconds": poll.first_seconds,
        "longest_seconds": poll.longest_seconds,
        "timeout_seconds": poll.timeout_seconds,
    }
