"""Lambda task that switches ARC routing controls to move users between Regions."""

from __future__ import annotations

from pydantic import Field

from leeward.common.claims.types.traffic_claims import ControlsSwitched
from leeward.common.errors import RouteUnconfirmed
from leeward.common.polling import PollResult
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.traffic.routing import routing_controls
from leeward.traffic.routing.cluster_endpoints import ClusterEndpoint


class RouteParameters(Parameters):
    """The cluster's endpoints, the ARNs of the controls to switch, and the safety rules to override."""

    endpoints: list[ClusterEndpoint] = Field(min_length=1)
    turn_on: list[str]
    turn_off: list[str]
    safety_rules_to_override: list[str] = Field(default_factory=list)


@task(WaitingEvent[RouteParameters])
def handler(event: WaitingEvent[RouteParameters], context: TaskContext) -> PollResult:  # noqa: ARG001 - own clients
    """Switch all controls in one transaction and read them back. Raises SafetyRuleBlocked."""
    parameters = event.parameters
    try:
        accepted_by, confirmed_by = routing_controls.switch_controls(
            parameters.endpoints, parameters.turn_on, parameters.turn_off, parameters.safety_rules_to_override
        )
    except RouteUnconfirmed as error:
        return PollResult(False, f"{error}; will be tried again")
    claim = ControlsSwitched(
        on=tuple(sorted(parameters.turn_on)),
        off=tuple(sorted(parameters.turn_off)),
        accepted_by=accepted_by,
        confirmed_by=confirmed_by,
        overridden=tuple(sorted(parameters.safety_rules_to_override)),
    )
    return PollResult.reached(claim)
