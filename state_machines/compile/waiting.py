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

from common import durations
from common.polling import Poll, Progress, Status
from state_machines.asl import Any, Choice, Equals, Json, JsonObject, Pass, States, Wait
from state_machines.asl.intrinsics import concat
from state_machines.compile.context import StepRef
from state_machines.compile.names import Names
from state_machines.compile.retries import catches
from state_machines.compile.tasks import call, function_name, payload

# Keeps one wait within about 1,100 of the 25,000 history events that Step Functions allows a run.
_MOST_LOOKS = 120
_LOOK = "$.look"


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds before the second look, and the longest that the interval grows to."""

    first_seconds: int
    longest_seconds: int

    def poll(self, timeout_seconds: int) -> Poll:
        """The pace for a wait of so long; a long wait looks less often."""
        longest = max(self.longest_seconds, -(-timeout_seconds // _MOST_LOOKS))
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
    decide, pause, look, late = (names.take(entry, f": {word}") for word in ("done?", "wait", "look", "timed out"))
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
            catch=caught,
            comment="Look at what AWS has done since, and mend what a crash may have left undone",
            result_selector=_PROGRESS,
            result_path=_LOOK,
        ),
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


_PROGRESS: JsonObject = {f"{member}.$": f"$.Payload.{member}" for member in Progress.model_fields}
_LATER: JsonObject = {"attempt.$": f"{_LOOK}.attempt", "started_at.$": f"{_LOOK}.started_at"}


def _poll_json(poll: Poll) -> JsonObject:
    return {
        "first_seconds": poll.first_seconds,
        "longest_seconds": poll.longest_seconds,
        "timeout_seconds": poll.timeout_seconds,
    }
