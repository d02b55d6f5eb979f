"""Fences or opens a Region's API, or takes it out of service and puts it back, and waits until every replica agrees."""

from __future__ import annotations

from typing import Literal

from leeward.state_machines.application.run_direction import Side, opposite
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent
from leeward.state_machines.fragments.actions.table_parameters import table_json
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext

_POLL_INTERVAL = PollInterval(first_seconds=15, longest_seconds=15)
WriteSwitch = Literal["fenced", "open"]
HealthSwitch = Literal["out-of-service", "in-service"]
IfUnreachable = Literal["fail", "defer"]


def switch_region(
    context: StepContext,
    component: str,
    side: Side,
    *,
    writes: WriteSwitch | None = None,
    health: HealthSwitch | None = None,
    if_unreachable: IfUnreachable = "defer",
    comment: str,
) -> Fragment:
    """Build the states that set the `writes` or `health` switch of the Region on `side`."""
    api = context.application.component(component, RestApiComponent)
    parameters: JsonObject = {
        "table": table_json(context.application.component(api.table, GlobalTableComponent)),
        "region": context.run_regions.region(side),
        "other_region": context.run_regions.region(opposite(side)),
        "writes": writes,
        "health": health,
        "if_unreachable": if_unreachable,
    }
    return build_single_wait(context, "api_switch", parameters, _POLL_INTERVAL, comment)
