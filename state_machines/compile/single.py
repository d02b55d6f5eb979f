"""The two plain shapes of a step: one call, or one wait."""

from __future__ import annotations

from collections.abc import Mapping

from leeward.state_machines.asl import Json
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.retries import catches
from leeward.state_machines.compile.tasks import call, function_name, payload
from leeward.state_machines.compile.waiting import Goal, Pace, WaitExits, waiting


def one_call(context: Context, task: str, parameters: Mapping[str, Json], comment: str) -> Fragment:
    """A step that is one call of `task`."""
    exits = context.exits
    state = call(
        function_name(task),
        payload(context.step, parameters),
        next=exits.done,
        catch=catches(exits.failed, exits.unforeseen),
        comment=comment,
        timeout_seconds=context.timeout_seconds,
    )
    return Fragment({context.entry: state})


def one_wait(context: Context, task: str, parameters: Mapping[str, Json], pace: Pace, comment: str) -> Fragment:
    """A step that is one wait for what `task` brings about."""
    exits = context.exits
    goal = Goal(context.step, task, parameters, pace.poll(context.timeout_seconds), comment)
    ends = WaitExits(exits.done, exits.failed, exits.unforeseen)
    return Fragment(waiting(goal, context.entry, context.names, ends))
