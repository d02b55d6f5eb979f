"""Registers servers with, or deregisters them from, the target groups of one Region, in parallel."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.state_machines.fragments.actions.server_groups import group_json
from leeward.state_machines.fragments.patterns.parallel_lanes import Lane, build_waves
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.step_context import Fragment, StepContext

_POLL_INTERVAL = PollInterval(first_seconds=5, longest_seconds=15)


class TargetGroupChange(Enum):
    """Register or deregister. The values are the verb in state names, and the task."""

    REGISTER = "Register", "alb_register"
    DEREGISTER = "Deregister", "alb_deregister"


def change_target_groups(
    context: StepContext, change: TargetGroupChange, targets: Sequence[str], side: Side, comment: str
) -> Fragment:
    """Build the states for the components `targets` in the Region on `side`."""
    region = context.run_regions.region(side)
    verb, task = change.value

    def lane(name: str) -> Lane:
        component = context.application.component(name, TargetGroupComponent)
        parameters: JsonObject = {
            "target_group_arn": component.target_groups[region],
            "port": component.port,
            "group": group_json(context.application, component.serves),
            "region": region,
        }
        return Lane(name, f"{verb} {name}", task, parameters, comment)

    return build_waves(context, _POLL_INTERVAL, [[lane(name) for name in targets]])
