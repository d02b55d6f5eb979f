"""One Region of an API fenced, opened, taken out of service or put back: a wait until every replica says so."""

from __future__ import annotations

from typing import Literal

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.single import one_wait
from leeward.state_machines.compile.tables import table_json
from leeward.state_machines.compile.waiting import Pace
from leeward.state_machines.components import GlobalTable, RestApi
from leeward.state_machines.documents.direction import Side, opposite

_PACE = Pace(first_seconds=5, longest_seconds=15)
Writes = Literal["fenced", "open"]
Health = Literal["out-of-service", "in-service"]
IfUnreachable = Literal["fail", "defer"]


def switch(
    context: Context,
    component: str,
    side: Side,
    *,
    writes: Writes | None = None,
    health: Health | None = None,
    if_unreachable: IfUnreachable = "defer",
    comment: str,
) -> Fragment:
    """The states that make the switch of the Region on `side` say `writes` or `health`."""
    api = context.application.component(component, RestApi)
    parameters: JsonObject = {
        "table": table_json(context.application.component(api.table, GlobalTable)),
        "region": context.way.region(side),
        "other_region": context.way.region(opposite(side)),
        "writes": writes,
        "health": health,
        "if_unreachable": if_unreachable,
    }
    return one_wait(context, "api_switch", parameters, _PACE, comment)
