"""Rehearsals that use tables, DNS records, invocation errors, a stopped function, and readiness."""

from __future__ import annotations

from datetime import timedelta

from leeward.rehearsal.scenarios.scenario_documents import FunctionStopped, InvocationFails, OperatorSettings
from tests.readiness.healthy_worlds import HealthyWorld, healthy_service, healthy_website
from tests.rehearsals.patches.short_rehearsals.observations import Observation, observe_run
from tests.rehearsals.patches.short_rehearsals.stops import start_failover, website_with_one_user
from tests.rehearsals.ticketing.test_incidents_and_runs import IRELAND, ticketing_session


def weighted_failover() -> Observation:
    """A failover of the ticketing service, which writes to tables and changes DNS records."""
    with ticketing_session(failed_region=IRELAND, runbook="failover-weighted", variant="weighted") as stage:
        stage.wait_until(stage.incident_at + timedelta(seconds=10))
        return observe_run(stage, stage.start_run("run", {"incident_at": stage.incident_at.isoformat()}))


def weighted_failback() -> Observation:
    """A failback of the ticketing service, which shifts the weights of its DNS records."""
    with ticketing_session(runbook="failback-weighted", variant="weighted") as stage:
        stage.wait_until(stage.incident_at)
        return observe_run(stage, stage.start_run("run", {}))


def stopped_function() -> Observation:
    """A failover of the ticketing service whose function is stopped in the primary Region."""
    fault = FunctionStopped(kind="function-stopped", region=IRELAND)
    with ticketing_session(fault, runbook="failover-weighted", variant="weighted") as stage:
        stage.wait_until(stage.incident_at + timedelta(seconds=10))
        return observe_run(stage, stage.start_run("run", {"incident_at": stage.incident_at.isoformat()}))


def stopped_servers() -> Observation:
    """The website's servers are stopped for a minute and started again. Then its runbook starts and is rejected."""
    with website_with_one_user(operator=OperatorSettings(approval="reject"), failed_region=None) as stage:
        ec2, clock = stage.engine.client("ec2", stage.world.origin), stage.engine.clock
        reservations = ec2.describe_instances()["Reservations"]
        servers = [server["InstanceId"] for each in reservations for server in each["Instances"]]
        ec2.stop_instances(InstanceIds=servers)
        clock.sleep(60)
        copies = stage.engine.client("drs", stage.world.target).describe_source_servers()["items"]
        lags = sorted(str(each["dataReplicationInfo"].get("lagDuration")) for each in copies)
        ec2.start_instances(InstanceIds=servers)
        statuses = ec2.describe_instance_status(InstanceIds=servers)["InstanceStatuses"]
        checks = sorted({each["InstanceStatus"]["Status"] for each in statuses})
        clients = stage.world.clients
        assert clients is not None
        failed = sum(request.served_by is None for request in clients.requests)
        facts = {"failed requests": failed, "status checks": checks[0], "replication lag": lags[0]}
        return observe_run(stage, start_failover(stage), **facts)


def unknown_error() -> Observation:
    """A failover of the website in which Lambda reports an unknown error."""
    fault = InvocationFails(kind="invocation", function="lock-acquire", error="Lambda.Unknown")
    with website_with_one_user(fault, operator=OperatorSettings(approval="reject")) as stage:
        return observe_run(stage, start_failover(stage))


def readiness_of_website() -> Observation:
    """The readiness check of the website's failover."""
    with healthy_website() as world:
        return _check(world)


def readiness_of_ticketing() -> Observation:
    """The readiness check of the ticketing service's failover."""
    with healthy_service() as world:
        return _check(world)


def _check(world: HealthyWorld) -> Observation:
    report = world.check_readiness()
    return {"verdict": str(report.verdict), "report": report.model_dump(mode="json")}
