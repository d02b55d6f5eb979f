"""The two simple forms of a step: a single call, or a single poll loop."""

from __future__ import annotations

from collections.abc import Mapping

from leeward.state_machines.asl import Json
from leeward.state_machines.fragments.lambda_tasks import function_name, invoke_function, task_payload
from leeward.state_machines.fragments.patterns.poll_loop import PolledTask, PollExits, PollInterval, build_poll_loop
from leeward.state_machines.fragments.retries import step_catchers
from leeward.state_machines.fragments.step_context import Fragment, StepContext


def build_single_call(context: StepContext, task: str, parameters: Mapping[str, Json], comment: str) -> Fragment:
    """Build a step that calls `task` once."""
    exits = context.exits
    state = invoke_function(
        function_name(task),
        task_payload(context.step, parameters),
        next=exits.done,
        catch=step_catchers(exits.failed, exits.unexpected),
        comment=comment,
        timeout_seconds=context.timeout_seconds,
    )
    return Fragment({context.entry: state})


def build_single_wait(
    context: StepContext, task: str, parameters: Mapping[str, Json], interval: PollInterval, comment: str
) -> Fragment:
    """Build a step that polls `task` until its goal is reached."""
    exits = context.exits
    polled = PolledTask(context.step, task, parameters, interval.to_poll(context.timeout_seconds), comment)
    ends = PollExits(exits.done, exits.failed, exits.unexpected)
    return Fragment(build_poll_loop(polled, context.entry, context.state_names, ends))
