r"""Builds the poll loop that every waiting step uses: act, wait with a growing interval, look, and decide.

    act -> done? -- done ------------------------> exits.done
             |  \- time or polls are used up ----> timed out -> exits.failed
             v
            wait -> look -> done? ...              act or look fails -> exits.failed or exits.unexpected

The tasks return a `common.polling.PollProgress`, which is stored at `$.look`. The task computes the interval and the
elapsed time from the clock. The number of polls is bounded here as well, so that a wrong clock can't cause an endless
loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leeward.base import durations
from leeward.common.polling import PollProgress, PollState, PollStatus
from leeward.state_machines.asl import (
    AllOf,
    AnyOf,
    ChoiceRule,
    ChoiceState,
    Comparison,
    Json,
    JsonObject,
    PassState,
    States,
    WaitState,
)
from leeward.state_machines.asl.intrinsic_functions import format_string, math_add
from leeward.state_machines.fragments.lambda_tasks import function_name, invoke_function, task_payload
from leeward.state_machines.fragments.patterns.skip_gate import is_skipped
from leeward.state_machines.fragments.retries import poll_catchers, step_catchers
from leeward.state_machines.fragments.state_names import StateNames
from leeward.state_machines.fragments.step_context import NextStep, StepIdentity

# A poll writes up to 11 of the 25,000 history events that Step Functions allows for a run.
_MAX_POLLS = 120
# The number of failed polls in a row that ends the loop, equal to the number of tries that a Retry gives other calls.
_MAX_MISSED_POLLS = 6
# A poll that failed is repeated after this time, because the wait before it may have been long.
_MISSED_WAIT_SECONDS = 30
_POLL_PATH = "$.look"


@dataclass(frozen=True, slots=True)
class PollInterval:
    """Seconds before the second poll, and the longest interval between polls.

    `longest_ready_seconds` is the longest wait that the task may ask for, because its goal can't be reached earlier. A
    wrong estimate of the task delays the step at most this long.
    """

    first_seconds: int
    longest_seconds: int
    longest_ready_seconds: int = 0

    def to_poll(self, timeout_seconds: int) -> PollState:
        """Return the poll settings for a wait. A long wait polls less often."""
        longest = max(self.longest_seconds, -(-timeout_seconds // _MAX_POLLS))
        return PollState(
            first_seconds=self.first_seconds,
            longest_seconds=longest,
            longest_ready_seconds=self.longest_ready_seconds,
            timeout_seconds=timeout_seconds,
        )


@dataclass(frozen=True, slots=True)
class PolledTask:
    """A task that is called until it reports that its goal is reached."""

    step: StepIdentity
    task: str
    parameters: Mapping[str, Json]
    poll: PollState
    comment: str


@dataclass(frozen=True, slots=True)
class PollExits:
    """The states at which a poll loop ends. `failed` and `unexpected` receive {Error, Cause} at `$.error`.

    With `next_step`, `done` is its gate, through which a run goes only if its input skips the step.
    """

    done: str
    failed: str
    unexpected: str
    next_step: NextStep | None = None


def build_poll_loop(polled: PolledTask, entry: str, state_names: StateNames, exits: PollExits) -> States:
    """Build the states of one poll loop. The first is called `entry`, and the others have `entry` as a prefix."""
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
                *_done_choices(exits),
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
            comment=f"Is the task done, have {span} passed, or is another poll needed?",
        ),
        pause: WaitState(f"{_POLL_PATH}.wait_seconds", look, "The interval grows with each poll"),
        look: invoke_function(
            function_name(polled.task),
            task_payload(polled.step, polled.parameters, _poll_json(polled.poll) | _NEXT_POLL_MEMBERS),
            next=decide,
            catch=poll_catchers(missed, exits.failed, exits.unexpected),
            comment="Check the progress in AWS, and complete what a crash may have left undone",
            result_selector=_PROGRESS_SELECTOR,
            result_path=_POLL_PATH,
            retry=(),
        ),
        missed: PassState(_missed_poll(polled.poll), decide, _POLL_PATH, "The poll failed. Count it and poll again"),
        late: PassState(
            {
                "Error": "TimedOut",
                "Cause.$": format_string(f"Not done within {span}. Last seen: ", f"{_POLL_PATH}.detail"),
            },
            exits.failed,
            "$.error",
            "The step has timed out",
        ),
    }


def _done_choices(exits: PollExits) -> tuple[tuple[ChoiceRule, str], ...]:
    done = Comparison(f"{_POLL_PATH}.status", PollStatus.DONE.value)
    following = exits.next_step
    if following is None:
        return ((done, exits.done),)
    return ((AllOf((done, *is_skipped(following.id).rules)), following.gate), (done, following.entry))


def max_polls(poll: PollState) -> int:
    """Return the number of calls by which the time is up, even if each call takes no time. One more than the waits
    need.
    """
    elapsed, polls = 0, 0
    while elapsed < poll.timeout_seconds:
        elapsed += poll.model_copy(update={"attempt": polls}).next_interval(elapsed)
        polls += 1
    return polls + 2


_PROGRESS_MEMBERS = tuple(member for member in PollProgress.model_fields if member != "parts")
_PROGRESS_SELECTOR: JsonObject = {
    **{f"{member}.$": f"$.Payload.{member}" for member in _PROGRESS_MEMBERS},
    "missed": 0,
}
_NEXT_POLL_MEMBERS: JsonObject = {
    f"{member}.$": f"{_POLL_PATH}.{member}" for member in ("attempt", "waited_seconds", "started_at", "news", "memo")
}


def _missed_poll(poll: PollState) -> JsonObject:
    kept = [member for member in _PROGRESS_MEMBERS if member != "wait_seconds"]
    wait = min(poll.longest_seconds, _MISSED_WAIT_SECONDS)
    return {
        **{f"{member}.$": f"{_POLL_PATH}.{member}" for member in kept},
        **{f"{member}.$": math_add(f"{_POLL_PATH}.{member}", 1) for member in ("attempt", "missed")},
        "waited_seconds.$": math_add(f"{_POLL_PATH}.waited_seconds", wait),
        "wait_seconds": wait,
    }


def _poll_json(poll: PollState) -> JsonObject:
    ready: JsonObject = {"longest_ready_seconds": poll.longest_ready_seconds} if poll.longest_ready_seconds else {}
    return {
        "first_seconds": poll.first_seconds,
        "longest_seconds": poll.longest_seconds,
        **ready,
        "timeout_seconds": poll.timeout_seconds,
    }
