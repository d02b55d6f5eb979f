"""Every task of the website at work under its deployed role: runs that succeed, and runs that fail in each way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from leeward.board.model import Board
from leeward.common.naming import resource_names
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.twin.engine import FaultKind
from leeward.twin.events.eventbridge.event_documents import EventSource, stack_event
from leeward.twin.events.eventbridge.target_delivery import PendingDelivery, RetryPolicy
from leeward.twin.templates.cloud_assembly import CloudAssembly
from tests.rehearsals.triggers.account_setup import with_full_account_setup
from tests.rehearsals.triggers.deployed_application import ACCOUNT, DeployedApplication, deployed_application
from tests.rehearsals.triggers.operator_actions import OperatorActions, PermissionUsage
from tests.support.website_session import EAST, WEST

NO_CAPACITY = "An error occurred (InsufficientInstanceCapacity): no capacity"


def play_failover_and_failback(proof: PermissionUsage, assembly: CloudAssembly) -> None:
    """Failovers that fail, one that is taken over and succeeds; failbacks, the first of which is taken back."""
    with proof.world(assembly) as acts:
        stage = acts.stage
        server = stage.world.drs.servers(WEST)[0].server_id
        stage.world.drs.set_lag(server, 900)
        asks = acts.start("asks", "failover")
        sent = acts.wait_for_state(asks, "Check that the failover can succeed: what now?")
        acts.answer(asks, "abort", "check_that_the_failover_can_succeed#1#failure")
        acts.finish(asks)
        acts.repeat_question(WEST, "ask", sent)
        stage.world.drs.set_lag(server, 5)
        acts.resume(asks)
        lose_message(acts)
        acts.wait_for_state(asks, "Ask for approval: wait for the answer")
        for called in _scheduled_invocations(assembly, task="run-watch"):
            acts.invoke(*called)
        acts.answer(asks, "reject", "ask_for_approval#1#approval")
        acts.finish(asks)
        _play_launch_failure(acts)
        stage.wait_until(stage.incident_at + timedelta(minutes=1))
        since = {"incident_at": stage.incident_at.isoformat(), "approve": True}
        acts.lose_intent_write_response()
        dies = acts.start("dies", "failover", **since)
        acts.wait_for_state(dies, "Recover home-page")
        acts.stop(dies)
        stage.engine.interceptor.inject_fault("drs:StartRecovery", FaultKind.THROTTLED)
        acts.finish(acts.start("takes-over", "failover", take_over=dies.id, **since))
        acts.world.pass_minutes(10)
        stage.region_outages.end_all()
        acts.world.pass_minutes(10)
        stage.engine.interceptor.inject_fault(
            "route53-recovery-cluster:UpdateRoutingControlStates", FaultKind.CONNECTION_REFUSED, times=45
        )
        acts.finish(acts.start("taken-back", "failback", approve=True))
        acts.protect_retired_instances(WEST)
        acts.finish(acts.start("returns", "failback", approve=True))


def lose_message(acts: OperatorActions) -> None:
    """Fail both tries of the next message, so that the run watch sends it."""
    acts.stage.engine.interceptor.inject_fault("sns:Publish", FaultKind.THROTTLED, times=2)


def _play_launch_failure(acts: OperatorActions) -> None:
    """To a point in time, with an approval that is given, answered again, and then a server that does not launch."""
    stage = acts.stage
    for server in stage.world.source_servers["database"]:  # the first group: the run ends before it launches others
        stage.world.drs.fail_launch(server, NO_CAPACITY, times=1)
    point = (stage.engine.clock.now() - timedelta(hours=1)).isoformat()
    run = acts.start("to-a-point", "failover", point_in_time=point, accept_data_loss=True)
    sent = acts.wait_for_state(run, "Ask for approval: wait for the answer")
    acts.answer(run, "approve", "ask_for_approval#1#approval")
    acts.world.pass_minutes(0.2)
    acts.repeat_question(WEST, "approval-request", sent)
    acts.finish(run)


def play_failback_drill(proof: PermissionUsage, assembly: CloudAssembly) -> None:
    """One fails, and can't be taken back to the end; the one that takes over from it succeeds."""
    with proof.world(assembly, main="failback-drill", failed_region=None) as acts:
        acts.deny_call_at("Wait until us-east-1 has caught up", "drs:DescribeSourceServers")
        acts.stage.engine.interceptor.inject_fault("drs:DeleteSourceServer", FaultKind.ACCESS_DENIED)
        half = acts.start("half", "failback-drill")
        acts.finish(half)
        acts.finish(acts.start("drill", "failback-drill", take_over=half.id))


def play_triggered_runs(proof: PermissionUsage, assembly: CloudAssembly) -> None:
    """An alarm starts a failover, and a schedule is refused while it acts; a schedule starts a drill, and an alarm."""
    drill = next(iter(assembly.resources("AWS::Scheduler::Schedule")))
    with deployed_application(assembly, failed_region=None) as world:
        world.pass_minutes(1)  # the probes have looked
        world.events.bus.put_event(WEST, world.alarm_event())
        world.pass_minutes(0.5)
        fire_schedule(world, drill.name, drill.properties["Target"])
        world.pass_minutes(0.5)
        with with_full_account_setup(world):
            proof.published = publish_deployment_event(world)
        proof.collect(world)
    with deployed_application(assembly, main="drill", failed_region=None) as world:
        fire_schedule(world, drill.name, drill.properties["Target"])
        world.pass_minutes(0.5)
        world.events.bus.put_event(WEST, world.alarm_event())
        world.pass_minutes(0.5)
        proof.collect(world)
    with proof.world(assembly, failed_region=None) as acts:
        for region, task, event in _scheduled_invocations(assembly):
            acts.invoke(region, task, event)


def publish_deployment_event(world: DeployedApplication) -> Board:
    """CloudFormation has updated a stack of the origin: what readiness then looks at, and the board then shows."""
    clock, stack = world.stage.engine.clock, "leeward-website-engine"
    event = stack_event(EventSource("de000000", ACCOUNT, EAST), stack, "UPDATE_COMPLETE", clock.now())
    world.events.bus.put_event(EAST, event)
    world.pass_minutes(0.5)
    bucket = resource_names.board_bucket_name("website", ACCOUNT, WEST)
    output = world.stage.engine.client("s3", WEST).get_object(Bucket=bucket, Key="board.json")["Body"].read()
    return Board.model_validate_json(output)


def _scheduled_invocations(
    assembly: CloudAssembly, application: str = "website", *, task: str | None = None
) -> Iterator[tuple[str, str, Any]]:
    """Yield the target of each rate rule with its input, to invoke it without waiting for an hour."""
    for rule in assembly.resources("AWS::Events::Rule"):
        for target in rule.properties["Targets"] if "ScheduleExpression" in rule.properties else ():
            _, ours, name = str(target["Arn"]).rpartition(f"{resource_names.application_prefix(application)}-")
            if ours and task in (None, name):  # and none of the application's own functions
                yield rule.region, name, json.loads(target["Input"])


def fire_schedule(world: DeployedApplication, name: str, target: Any, at: str = "2026-03-03T09:00:00Z") -> None:
    """A schedule with this target is due; as Scheduler would, without waiting for it."""
    payload = str(target["Input"]).replace("<aws.scheduler.scheduled-time>", at)
    payload = payload.replace("<aws.scheduler.execution-id>", f"fired-{at}")
    world.events.delivery.send(PendingDelivery(target["Arn"], payload, name, RetryPolicy(0), None))


def play_ticketing_runs(proof: PermissionUsage, assembly: CloudAssembly) -> None:
    """The ticketing service fails over, back and in a drill; one run fails, is asked about, resumed and stopped."""
    for main in ("failover", "failback", "drill"):
        with proof.world(assembly, application="ticketing", main=main, failed_region=None) as acts:
            more = {"take_over": _play_abandoned_check(acts, assembly).id} if main == "failover" else {}
            acts.finish(acts.start("goes", main, approve=True, **more))


def _play_abandoned_check(acts: OperatorActions, assembly: CloudAssembly) -> RehearsedRun:
    """Approved by a person; then its last check fails, and a person gives it up. Resumed, it is stopped by hand."""
    acts.deny_call_at("Check as a user would", "secretsmanager:GetSecretValue")
    lose_message(acts)
    run = acts.start("asks", "failover")
    region = run.way.target
    sent = acts.wait_for_state(run, "Ask for approval: wait for the answer")
    for called in (
        *_scheduled_invocations(assembly, "ticketing"),
        _write_board(assembly),
    ):  # while a run runs, which they look for
        acts.invoke(*called)
    acts.answer(run, "approve", "ask_for_approval#1#approval")
    acts.world.pass_minutes(0.2)
    acts.repeat_question(region, "approval-request", sent)
    sent = acts.wait_for_state(run, "Check as a user would: what now?")
    acts.answer(run, "abort", "check_as_a_user_would#1#failure")
    acts.finish(run)
    acts.repeat_question(region, "ask", sent)
    acts.resume(run)
    acts.wait_for_state(run, "Check as a user would")
    acts.stop(run)
    return run


def _write_board(assembly: CloudAssembly) -> tuple[str, str, Any]:
    """Rewrite the board, as the event after a readiness check does."""
    for rule in assembly.resources("AWS::Events::Rule"):
        for target in rule.properties.get("Targets", ()):
            if str(target["Arn"]).endswith("-board"):
                return rule.region, "board", json.loads(target["Input"])
    raise AssertionError("no rule has the board written")
