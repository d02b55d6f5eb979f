"""Registers servers with, or deregisters them from, the target groups of one Region."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.state_machines.fragments.actions.server_groups import group_json
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext

_POLL_INTERVAL = PollInterval(first_seconds=10, longest_seconds=15, longest_ready_seconds=20)


class TargetGroupChange(Enum):
    """Register or deregister. The values are the tasks."""

    REGISTER = "alb_register"
    DEREGISTER = "alb_deregister"


def change_target_groups(
    context: StepContext, change: TargetGroupChange, targets: Sequence[str], side: Side, comment: str
) -> Fragment:
    """Build the states for the components `targets` in the Region on `side`."""
    region = context.run_regions.region(side)

    def change_json(name: str) -> JsonObject:
        component = context.application.component(name, TargetGroupComponent)
        return {
            "target_group_arn": component.target_groups[region],
            "port": component.port,
            "group": group_json(context.application, component.serves),
        }

    parameters: JsonObject = {"targets": [change_json(name) for name in targets], "region": region}
    return build_single_wait(context, change.value, parameters, _POLL_INTERVAL, comment)
