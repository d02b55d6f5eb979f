"""Servers put into, or taken out of, the target groups of one Region: a wait for each target group, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.groups import group_json
from leeward.state_machines.compile.side_by_side import Lane, waves
from leeward.state_machines.compile.waiting import Pace
from leeward.state_machines.components import TargetGroup
from leeward.state_machines.documents.direction import Side

_PACE = Pace(first_seconds=5, longest_seconds=15)


class Balance(Enum):
    """Which way: the lanes' name, and the task."""

    REGISTER = "Register", "alb_register"
    DEREGISTER = "Deregister", "alb_deregister"


def balance(context: Context, way: Balance, targets: Sequence[str], side: Side, comment: str) -> Fragment:
    """The states for the components `targets`, in the Region on `side`."""
    region = context.way.region(side)
    verb, task = way.value

    def lane(name: str) -> Lane:
        component = context.application.component(name, TargetGroup)
        parameters: JsonObject = {
            "target_group_arn": component.target_groups[region],
            "port": component.port,
            "group": group_json(context.application, component.serves),
            "region": region,
        }
        return Lane(name, f"{verb} {name}", task, parameters, comment)

    return waves(context, _PACE, [[lane(name) for name in targets]])
