"""Looks at a served world and says what is there. Looking asks DNS and the load balancers as one more user would, so it
may shift their turns; nothing else changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from leeward.state_machines.components import RoutingControls
from leeward.twin.aws.drs import Job, SourceServer
from leeward.twin.internet.dns import NoAnswer
from leeward.twin.server import state
from leeward.twin.server.runs import Run, Runs
from leeward.twin.server.world import ServedWorld

# Of executions and of jobs the newest are shown.
_MOST = 50


def look(served: ServedWorld, pace: float, problems: Sequence[str]) -> state.WorldState:
    """The world now. Within the simulation's thread."""
    application = served.application
    return state.WorldState(
        application=application.application,
        account=application.account,
        scenario=served.scenario.scenario if served.scenario else None,
        clock=state.ClockState(now=served.engine.clock.now(), started_at=served.started_at, pace=pace),
        regions={region: _region(served, region) for region in application.regions.both},
        routing_controls=_controls(served),
        dns=_dns(served),
        users=_users(served),
        state_machines=[
            state.MachineState(arn=arn, runbook=compiled.runbook, region=compiled.way.target)
            for arn, compiled in served.runs.machines.items()
        ],
        executions=[_execution(served, run) for run in served.runs.newest(_MOST)],
        events=[
            state.EventState(
                time=event.at,
                region=event.region,
                detail_type=event.detail_type,
                resources=[event.resource],
                detail=dict(event.detail),
            )
            for event in served.world.drs.events()[-_MOST:]
        ],
        problems=list(problems),
    )


def _region(served: ServedWorld, region: str) -> state.RegionState:
    drs = served.world.drs
    return state.RegionState(
        dark=served.engine.wire.is_dark(region),
        serves=served.world.serves(region),
        instances=_instances(served, region),
        source_servers=[_source_server(server, served) for server in drs.servers(region)],
        jobs=[_job(job) for job in drs.jobs(region)[-_MOST:]],
        recovery_instances=[
            state.RecoveryInstanceState(
                id=record.recovery_instance_id,
                instance=record.ec2_instance_id,
                source_server=record.server_id,
                is_drill=record.is_drill,
                launched_at=record.launched_at,
            )
            for record in drs.recovery_instances(region)
        ],
    )


def _instances(served: ServedWorld, region: str) -> list[state.InstanceState]:
    pages = served.engine.client("ec2", region).get_paginator("describe_instances").paginate()
    return [
        state.InstanceState(
            id=instance["InstanceId"],
            name=next((tag["Value"] for tag in instance.get("Tags", []) if tag["Key"] == "Name"), None),
            state=instance["State"]["Name"],
            launched_at=instance["LaunchTime"],
        )
        for page in pages
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
    ]


def _source_server(server: SourceServer, served: ServedWorld) -> state.SourceServerState:
    now = served.engine.clock.now()
    lag = server.replication.lag(now)
    return state.SourceServerState(
        id=server.server_id,
        name=server.name,
        replication=server.replication.state(now),
        lag_seconds=lag.total_seconds() if lag is not None else None,
        origin_region=server.origin.region,
        origin_instance=server.origin.instance_id,
        recovery_instance=server.recovery_instance_id,
        last_launch=server.last_launch.status if server.last_launch else None,
    )


def _job(job: Job) -> state.JobState:
    return state.JobState(
        id=job.job_id,
        type=job.kind,
        status=job.status,
        initiated_by=job.initiated_by,
        created_at=job.created_at,
        ended_at=job.ended_at,
        servers=[state.ParticipantState(server=p.server_id, status=p.status) for p in job.participants],
    )


def _controls(served: ServedWorld) -> list[state.RoutingControlState]:
    found = []
    for name, component in served.application.of_kind(RoutingControls):
        if not served.world.names.is_used(name):
            continue
        for region, arn in component.controls.items():
            on_off, since = served.world.controls.state_of(arn)
            found.append(state.RoutingControlState(component=name, region=region, arn=arn, state=on_off, since=since))
    return found


def _dns(served: ServedWorld) -> state.DnsState | None:
    if served.application.site is None:
        return None
    name = urlsplit(served.application.site.url).hostname or ""
    try:
        answer = served.world.names.dns.resolve(name).value
    except NoAnswer:
        return state.DnsState(name=name, answer=None, region=None)
    of = {host: region for region, host in served.application.site.endpoints.items()}
    return state.DnsState(name=name, answer=answer, region=of.get(answer))


def _users(served: ServedWorld) -> state.UsersState | None:
    users = served.users
    if users.clients is None:
        return None
    return state.UsersState(
        count=users.clients.count,
        served=dict(users.served),
        failed=users.failed,
        now=dict(Counter(request.served_by or "nobody" for request in users.latest)),
        last_failure=users.last_failure,
    )


def _execution(served: ServedWorld, run: Run) -> state.ExecutionState:
    told = served.engine.client("stepfunctions", run.region).describe_execution(executionArn=run.execution)
    return state.ExecutionState(
        arn=run.execution,
        status=told["status"],
        started_at=told["startDate"],
        stopped_at=told.get("stopDate"),
        run=run.id,
        runbook=run.compiled.runbook if run.compiled else None,
        steps=run.progress.steps if run.progress else [],
        questions=_questions(served.runs, run) if told["status"] == "RUNNING" else [],
    )


def _questions(runs: Runs, run: Run) -> list[state.QuestionState]:
    return [
        state.QuestionState(
            step=question.step,
            kind=question.kind.value,
            message=question.message,
            choices=list(question.choices),
            default=question.default,
            token=question.token,
        )
        for question in runs.questions(run)
    ]
