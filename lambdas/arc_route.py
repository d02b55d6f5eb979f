"""Switches ARC routing controls: this is what sends the users elsewhere."""

from __future__ import annotations

from pydantic import Field

from leeward.common.polling import PollResult
from leeward.lambdas.runtime.invocation.events import Parameters, TaskEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.traffic.routing import routing_controls
from leeward.traffic.routing.cluster_endpoints import ClusterEndpoint


class RouteParameters(Parameters):
    """The cluster's endpoints, and the ARNs of the controls to switch. Rules are overridden only by name."""

    endpoints: list[ClusterEndpoint] = Field(min_length=1)
    turn_on: list[str]
    turn_off: list[str]
    safety_rules_to_override: list[str] = Field(default_factory=list)


@task(TaskEvent[RouteParameters])
def handler(event: TaskEvent[RouteParameters], context: TaskContext) -> PollResult:  # noqa: ARG001 - has clients of its own
    """Switch all in one transaction, and read them back. Raises SafetyRuleBlocked, RouteUnconfirmed."""
    given = event.parameters
    taker, reader = routing_controls.switch_controls(
        given.endpoints, given.turn_on, given.turn_off, given.safety_rules_to_override
    )
    overridden = f", safety rules overridden: {', '.join(given.safety_rules_to_override)}"
    detail = f"{len(given.turn_on)} on, {len(given.turn_off)} off; taken by {taker}, confirmed by {reader}" + (
        overridden if given.safety_rules_to_override else ""
    )
    facts: dict[str, object] = {"traffic": sorted(given.turn_on), "off": sorted(given.turn_off)}
    if given.safety_rules_to_override:  # a decision that the journal names as one
        facts["overridden"] = sorted(given.safety_rules_to_override)
    return PollResult(True, detail, facts)
