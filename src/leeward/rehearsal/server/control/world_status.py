"""Reads the state of a served world.

Reading sends requests to DNS and the load balancers as an additional user would. Their next answers can change, but
nothing else does.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from leeward.rehearsal.clients.request_metrics import count_by_region
from leeward.rehearsal.server.control import status_models
from leeward.rehearsal.server.hosting.served_executions import ServedExecution, ServedExecutions
from leeward.rehearsal.server.hosting.served_world import ServedWorld
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.twin.aws.drs import Job, SourceServer
from leeward.twin.internet.dns import NoDnsAnswer

# The status shows this many of the newest executions, jobs, and events.
_MAX_ITEMS = 50


def world_status(served: ServedWorld, pace: float, problems: Sequence[str]) -> status_models.WorldState:
    """Return the state of the world now. Call this function on the simulation's thread."""
    application = served.application
    return status_models.WorldState(
        application=application.application,
        account=application.account,
        scenario=served.scenario.scenario if served.scenario else None,
        clock=status_models.ClockState(now=served.engine.clock.now(), started_at=served.started_at, pace=pace),
        regions={region: _region_status(served, region) for region in application.regions.both},
        routing_controls=_routing_control_states(served),
        dns=_dns_state(served),
        users=_user_state(served),
        state_machines=[
            status_models.MachineState(arn=arn, runbook=compiled.runbook, region=compiled.run_regions.target)
            for arn, compiled in served.executions.machines.items()
        ],
        executions=[_execution_state(served, run) for run in served.executions.newest(_MAX_ITEMS)],
        events=[
            status_models.EventState(
                time=event.at,
                region=event.region,
                detail_type=event.detail_type,
                resources=[event.resource],
                detail=dict(event.detail),
            )
            for event in served.world.drs.list_events()[-_MAX_ITEMS:]
        ],
        problems=list(problems),
    )


def _region_status(served: ServedWorld, region: str) -> status_models.ServedRegionState:
    drs = served.world.drs
    return status_models.ServedRegionState(
        dark=served.engine.interceptor.has_outage(region),
        serves=served.world.is_serving(region),
        instances=_instance_states(served, region),
        source_servers=[_source_server_state(server, served) for server in drs.servers(region)],
        jobs=[_job_state(job) for job in drs.jobs(region)[-_MAX_ITEMS:]],
        recovery_instances=[
            status_models.RecoveryInstanceState(
                id=record.recovery_instance_id,
                instance=record.ec2_instance_id,
                source_server=record.server_id,
                is_drill=record.is_drill,
                launched_at=record.launched_at,
            )
            for record in drs.recovery_instances(region)
        ],
    )


def _instance_states(served: ServedWorld, region: str) -> list[status_models.InstanceState]:
    pages = served.engine.client("ec2", region).get_paginator("describe_instances").paginate()
    return [
        status_models.InstanceState(
            id=instance["InstanceId"],
            name=next((tag["Value"] for tag in instance.get("Tags", []) if tag["Key"] == "Name"), None),
            state=instance["State"]["Name"],
            launched_at=instance["LaunchTime"],
        )
        for page in pages
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
    ]


def _source_server_state(server: SourceServer, served: ServedWorld) -> status_models.SourceServerState:
    now = served.engine.clock.now()
    lag = server.replication.lag(now)
    return status_models.SourceServerState(
        id=server.server_id,
        name=server.name,
        replication=server.replication.state(now),
        lag_seconds=lag.total_seconds() if lag is not None else None,
        origin_region=server.origin.region,
        origin_instance=server.origin.instance_id,
        recovery_instance=server.recovery_instance_id,
        last_launch=server.last_launch.status if server.last_launch else None,
    )


def _job_state(job: Job) -> status_models.JobState:
    return status_models.JobState(
        id=job.job_id,
        type=job.kind,
        status=job.status,
        initiated_by=job.initiated_by,
        created_at=job.created_at,
        ended_at=job.ended_at,
        servers=[status_models.ParticipantState(server=p.server_id, status=p.status) for p in job.participants],
    )


def _routing_control_states(served: ServedWorld) -> list[status_models.RoutingControlState]:
    states = []
    for name, component in served.application.components_of_kind(RoutingControlsComponent):
        if not served.world.application_dns.is_component_active(name):
            continue
        for region, arn in component.controls.items():
            state, since = served.world.routing_controls.control_state(arn)
            states.append(
                status_models.RoutingControlState(component=name, region=region, arn=arn, state=state, since=since)
            )
    return states


def _dns_state(served: ServedWorld) -> status_models.DnsState | None:
    if served.application.site is None:
        return None
    name = urlsplit(served.application.site.url).hostname or ""
    try:
        answer = served.world.application_dns.resolver.resolve(name).value
    except NoDnsAnswer:
        return status_models.DnsState(name=name, answer=None, region=None)
    region_by_host = {host: region for region, host in served.application.site.endpoints.items()}
    return status_models.DnsState(name=name, answer=answer, region=region_by_host.get(answer))


def _user_state(served: ServedWorld) -> status_models.UsersState | None:
    users = served.user_totals
    if users.clients is None:
        return None
    return status_models.UsersState(
        count=users.clients.count,
        served=dict(users.served_by_region),
        failed=users.failed,
        now=count_by_region(users.latest),
        last_failure=users.last_failure,
    )


def _execution_state(served: ServedWorld, run: ServedExecution) -> status_models.ExecutionState:
    description = served.engine.client("stepfunctions", run.region).describe_execution(executionArn=run.execution)
    return status_models.ExecutionState(
        arn=run.execution,
        status=description["status"],
        started_at=description["startDate"],
        stopped_at=description.get("stopDate"),
        run=run.run_id,
        runbook=run.compiled.runbook if run.compiled else None,
        steps=run.progress.steps if run.progress else [],
        questions=_question_states(served.executions, run) if description["status"] == "RUNNING" else [],
    )


def _question_states(runs: ServedExecutions, run: ServedExecution) -> list[status_models.QuestionState]:
    return [
        status_models.QuestionState(
            step=question.step,
            kind=question.kind.value,
            message=question.message,
            choices=list(question.choices),
            default=question.default,
            token=question.token,
        )
        for question in runs.open_questions_of(run)
    ]
