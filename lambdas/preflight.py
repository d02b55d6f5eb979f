"""Checks that the run can succeed, before anything is touched."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, PositiveInt

from leeward.base.arns import Arn
from leeward.common.errors import InvalidInput, NotReady, RouteUnconfirmed, RpoExceeded
from leeward.common.polling import PollResult
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.notifications import operator_messages
from leeward.control.run.takeover_chain import find_predecessors
from leeward.drs.api.states import ReplicationDirection
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.drs.preflight import server_inspection
from leeward.lambdas.runtime.invocation.events import RegionalParameters, TaskEvent
from leeward.lambdas.runtime.invocation.task_context import RegionClients, TaskContext
from leeward.lambdas.runtime.task import task
from leeward.traffic.routing import routing_controls, target_groups
from leeward.traffic.routing.cluster_endpoints import ClusterEndpoint


class PreflightParameters(RegionalParameters):
    """What the runbook will touch. `controls`: Region to routing control ARN. `direction`: of the servers to launch."""

    groups: list[ServerGroup]
    rpo_seconds: PositiveInt
    endpoints: list[ClusterEndpoint] = Field(default_factory=list)
    controls: dict[str, str] = Field(default_factory=dict)
    target_groups: list[str] = Field(default_factory=list)
    direction: ReplicationDirection | None = None


@task(TaskEvent[PreflightParameters], requires_lock=False)
def handler(event: TaskEvent[PreflightParameters], context: TaskContext) -> PollResult:
    """Look at everything, then tell everything that is wrong. Raises NotFound, NotReady, RpoExceeded."""
    run, given = event.run, event.parameters
    there = context.clients(given.region)
    servers = server_inspection.inspect_servers(
        there.drs,
        there.ec2,
        given.groups,
        there.region,
        timedelta(seconds=given.rpo_seconds),
        now=context.now,
        incident_at=run.incident_at,
        point_in_time=run.point_in_time,
        predecessors=find_predecessors(context.table, run),
        direction=given.direction,
    )
    routing: dict[str, str] = {}
    problems = [*servers.problems, *_check_traffic(given, there, routing)]
    operator_messages.check_topic(context.sns, context.environment.topic_arn)
    if problems:
        raise NotReady("; ".join([*problems, *([servers.loss_text] if servers.losses else [])]))
    if servers.losses:
        if not run.accept_data_loss:
            raise RpoExceeded(servers.loss_text)
        entry = JournalEntry(
            context.now, JournalEvent.DATA_LOSS_ACCEPTED, servers.loss_text, event.step.id, event.step.attempt
        )
        context.journal(run.id).write(entry)
    detail = f"{servers.servers} servers ready, worst expected data loss {servers.worst_loss_seconds} s"
    facts: dict[str, object] = {"worst_loss_seconds": servers.worst_loss_seconds, "loss_seconds": servers.loss_by_group}
    if routing:
        facts["before"] = {"routing_controls": routing}
    return PollResult(True, detail, facts)


def _check_traffic(parameters: PreflightParameters, clients: RegionClients, routing: dict[str, str]) -> list[str]:
    """What is wrong with where the users are sent; how it is now goes to `routing`, by the controls' ARNs."""
    problems: list[str] = []
    if parameters.controls:
        try:
            found = routing_controls.check_controls(parameters.endpoints, list(parameters.controls.values()))
            routing |= {arn: state.value for arn, state in found.items()}
        except RouteUnconfirmed as error:
            problems.append(f"routing controls: {error}")
    elsewhere = [arn for arn in parameters.target_groups if Arn.parse(arn).region != clients.region]
    if elsewhere:
        raise InvalidInput(f"target groups outside of {clients.region}: {', '.join(elsewhere)}")
    return problems + target_groups.check_target_groups(clients.elbv2, parameters.target_groups)
