"""Lambda task that checks whether the run can succeed, before any step changes anything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pydantic import Field, PositiveInt

from leeward.base.arns import Arn
from leeward.common.claims.types.run_claims import Ready
from leeward.common.errors import InvalidInput, NotReady, RouteUnconfirmed, RpoExceeded, describe_error
from leeward.common.polling import PollResult
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.notifications import operator_messages
from leeward.control.run.takeover_chain import find_predecessors
from leeward.drs.api.states import ReplicationDirection
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.drs.preflight import server_inspection
from leeward.drs.preflight.launch_settings import LaunchSettingsCheck
from leeward.lambdas.runtime.invocation.task_context import RegionClients, TaskContext
from leeward.lambdas.runtime.invocation.task_events import RegionalParameters, WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.traffic.routing import routing_controls, target_groups
from leeward.traffic.routing.cluster_endpoints import ClusterEndpoint


class PreflightParameters(RegionalParameters):
    """The resources that the runbook changes.

    `controls` maps a Region to its routing control ARN. `direction` selects the servers to launch.
    """

    groups: list[ServerGroup]
    rpo_seconds: PositiveInt
    endpoints: list[ClusterEndpoint] = Field(default_factory=list)
    controls: dict[str, str] = Field(default_factory=dict)
    target_groups: list[str] = Field(default_factory=list)
    direction: ReplicationDirection | None = None


@task(WaitingEvent[PreflightParameters], requires_lock=False)
def handler(event: WaitingEvent[PreflightParameters], context: TaskContext) -> PollResult:
    """Run every check, then report every problem. What can't be checked is checked again until the step's time is up.

    Raises NotFound, NotReady, or RpoExceeded.
    """
    run, parameters = event.run, event.parameters
    clients = context.clients(parameters.region)
    servers = server_inspection.inspect_servers(
        clients.drs,
        clients.ec2,
        parameters.groups,
        clients.region,
        timedelta(seconds=parameters.rpo_seconds),
        now=context.now,
        incident_at=run.incident_at,
        point_in_time=run.point_in_time,
        predecessors=find_predecessors(context.table, run),
        direction=parameters.direction,
        settings=LaunchSettingsCheck.parse(event.poll.memo),
    )
    if isinstance(servers, LaunchSettingsCheck):
        detail = f"the launch settings of {servers.remaining} servers are still to be read"
        return PollResult(False, detail, memo=servers.model_dump_json())
    problems = [*servers.problems, *_check_target_groups(parameters, clients)]
    routing: dict[str, str] = {}
    try:
        routing = _read_routing(parameters)
    except RouteUnconfirmed as error:
        # The endpoints may answer later. What is known not to be ready is reported now.
        unread = f"routing controls: {error}"
        if not problems and event.poll.elapsed_seconds(context.now) < event.poll.timeout_seconds:
            return PollResult(False, f"{unread}; will be tried again")
        problems.append(unread)
    if problems:
        raise NotReady("; ".join([*problems, *([servers.loss_text] if servers.losses else [])]))
    if servers.losses:
        if not run.accept_data_loss:
            raise RpoExceeded(servers.loss_text)
        entry = JournalEntry(
            context.now, JournalEvent.DATA_LOSS_ACCEPTED, servers.loss_text, event.step.id, event.step.attempt
        )
        context.journal(run.id).write(entry)
    claim = Ready(
        servers=servers.servers,
        worst_loss_seconds=servers.worst_loss_seconds,
        loss_seconds=dict(servers.loss_by_group),
        routing_controls=routing,
        warnings=tuple(_check_topic(context)),
    )
    return PollResult.reached(claim)


def _check_topic(context: TaskContext) -> Iterator[str]:
    """Yield a warning if the topic can't be checked. Readiness reports the same problem, and how to fix it."""
    try:
        operator_messages.check_topic(context.sns, context.environment.topic_arn)
    except Exception as error:  # a run that recovers the application must not depend on a notification
        yield f"the team's topic could not be checked, so messages may not arrive: {describe_error(error)}"


def _read_routing(parameters: PreflightParameters) -> dict[str, str]:
    """Return the current state of each routing control, by ARN. Raises RouteUnconfirmed."""
    if not parameters.controls:
        return {}
    states = routing_controls.check_controls(parameters.endpoints, list(parameters.controls.values()))
    return {arn: state.value for arn, state in states.items()}


def _check_target_groups(parameters: PreflightParameters, clients: RegionClients) -> list[str]:
    """Return the problems of the target groups. Raises InvalidInput for one of another Region."""
    elsewhere = [arn for arn in parameters.target_groups if Arn.parse(arn).region != clients.region]
    if elsewhere:
        raise InvalidInput(f"target groups outside of {clients.region}: {', '.join(elsewhere)}")
    return target_groups.check_target_groups(clients.elbv2, parameters.target_groups)
