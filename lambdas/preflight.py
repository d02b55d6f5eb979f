"""Checks that the run can succeed, before anything is touched."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, PositiveInt

from leeward.common.arns import Arn
from leeward.common.errors import InvalidInput, NotReady, RouteUnconfirmed, RpoExceeded
from leeward.common.polling import Look
from leeward.control import messages
from leeward.control.journal import Entry, Event
from leeward.control.lineage import predecessors
from leeward.drs import preflight
from leeward.drs.servers import Group
from leeward.drs.states import Direction
from leeward.lambdas.common.events import RegionalParameters, TaskEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Tools, Workbench
from leeward.traffic import routing_controls, target_groups
from leeward.traffic.endpoints import Endpoint


class PreflightParameters(RegionalParameters):
    """What the runbook will touch. `controls`: Region to routing control ARN. `direction`: of the servers to launch."""

    groups: list[Group]
    rpo_seconds: PositiveInt
    endpoints: list[Endpoint] = Field(default_factory=list)
    controls: dict[str, str] = Field(default_factory=dict)
    target_groups: list[str] = Field(default_factory=list)
    direction: Direction | None = None


@task(TaskEvent[PreflightParameters], fenced=False)
def handler(event: TaskEvent[PreflightParameters], bench: Workbench) -> Look:
    """Look at everything, then tell everything that is wrong. Raises NotFound, NotReady, RpoExceeded."""
    run, given = event.run, event.parameters
    there = bench.at(given.region)
    servers = preflight.inspect(
        there.drs,
        there.ec2,
        given.groups,
        there.region,
        timedelta(seconds=given.rpo_seconds),
        now=bench.now,
        incident_at=run.incident_at,
        point_in_time=run.point_in_time,
        predecessors=predecessors(bench.table, run),
        direction=given.direction,
    )
    routing: dict[str, str] = {}
    problems = [*servers.problems, *_traffic(given, there, routing)]
    messages.check_topic(bench.sns, bench.environment.topic_arn)
    if problems:
        raise NotReady("; ".join([*problems, *([servers.loss_text] if servers.losses else [])]))
    if servers.losses:
        if not run.accept_data_loss:
            raise RpoExceeded(servers.loss_text)
        entry = Entry(bench.now, Event.DATA_LOSS_ACCEPTED, servers.loss_text, event.step.id, event.step.attempt)
        bench.journal(run.id).write(entry)
    detail = f"{servers.servers} servers ready, worst expected data loss {servers.worst_loss_seconds} s"
    facts: dict[str, object] = {"worst_loss_seconds": servers.worst_loss_seconds, "loss_seconds": servers.loss_by_group}
    if routing:
        facts["before"] = {"routing_controls": routing}
    return Look(True, detail, facts)


def _traffic(given: PreflightParameters, there: Tools, routing: dict[str, str]) -> list[str]:
    """What is wrong with where the users are sent; how it is now goes to `routing`, by the controls' ARNs."""
    problems: list[str] = []
    if given.controls:
        try:
            found = routing_controls.check(given.endpoints, list(given.controls.values()))
            routing |= {arn: state.value for arn, state in found.items()}
        except RouteUnconfirmed as error:
            problems.append(f"routing controls: {error}")
    elsewhere = [arn for arn in given.target_groups if Arn.parse(arn).region != there.region]
    if elsewhere:
        raise InvalidInput(f"target groups outside of {there.region}: {', '.join(elsewhere)}")
    return problems + target_groups.check(there.elbv2, given.target_groups)
