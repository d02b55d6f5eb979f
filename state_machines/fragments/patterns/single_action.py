"""A step that consists of one poll loop."""

from __future__ import annotations

from collections.abc import Mapping

from leeward.state_machines.asl import Json
from leeward.state_machines.fragments.patterns.poll_loop import PolledTask, PollExits, PollInterval, build_poll_loop
from leeward.state_machines.fragments.step_context import Fragment, StepContext

_SHORT_INTERVAL = PollInterval(first_seconds=5, longest_seconds=20)


def build_single_wait(
    context: StepContext, task: str, parameters: Mapping[str, Json], interval: PollInterval, comment: str
) -> Fragment:
    """Build a step that polls `task` until its goal is reached."""
    exits = context.exits
    polled = PolledTask(context.step, task, parameters, interval.to_poll(context.timeout_seconds), comment)
    ends = PollExits(exits.done, exits.failed, exits.unexpected, exits.next_step)
    return Fragment(build_poll_loop(polled, context.entry, context.state_names, ends))


def build_short_wait(context: StepContext, task: str, parameters: Mapping[str, Json], comment: str) -> Fragment:
    """Build a step that usually reaches its goal with the first call of `task`.

    It polls only while an AWS service fails, or doesn't show the change yet.
    """
    return build_single_wait(context, task, parameters, _SHORT_INTERVAL, comment)
