"""From a figure to a run, through what is synthesised: one run at most, and none that nothing calls for."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from leeward.state_machines.build import build_runbook
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.deployment import trigger_definitions
from leeward.state_machines.load.document_loader import LoadedDocument, load_text
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.twin.engine import FaultKind, HttpResponse
from leeward.twin.events.alarms.metric_alarms import AlarmState
from leeward.twin.templates.cloud_assembly import CloudAssembly
from tests.rehearsals.triggers.deployed_application import EAST, FAILOVER_ALARM, WEST, deployed_application
from tests.support.paths import RUNBOOKS_FOLDER


def test_region_outage_starts_one_run_that_asks(assembly: CloudAssembly) -> None:
    with deployed_application(assembly) as world:
        world.pass_minutes(5)
        assert world.started_runs() == []
        # Three minutes of `unhealthy_for`, after which the data points arrive and the alarms are evaluated.
        world.pass_minutes(3)
        assert world.started_runs() == []
        world.stage.wait_for(lambda: bool(world.started_runs()), timedelta(minutes=4))
        world.pass_minutes(0.5)
        (run,) = world.stage.runs
        assert run.id.startswith("website.failover.alarm-20260301T09")
        assert timedelta(minutes=3) < run.started_at - world.stage.incident_at < timedelta(minutes=6, seconds=30)
        assert world.alarm_count() == 1
        asking = {step.name: step.status for step in run.progress.steps}
        assert (asking["Ask for approval"], asking["Recover the servers"]) == ("asking", "not reached")


def test_flapping_alarm_starts_one_run(assembly: CloudAssembly) -> None:
    with deployed_application(assembly, failed_region=None) as world:
        world.pass_minutes(5)
        for _ in range(100):
            world.events.bus.put_event(WEST, world.alarm_event())
            world.stage.engine.clock.sleep(3)
            world.events.bus.put_event(WEST, world.alarm_event(value=AlarmState.OK))
            world.stage.engine.clock.sleep(3)
        assert len(world.started_runs()) == 1
        assert world.start_verdicts() == ["start", *["cool-down"] * 99]


def test_duplicate_event_starts_one_run(assembly: CloudAssembly) -> None:
    with deployed_application(assembly, failed_region=None) as world:
        world.pass_minutes(5)
        world.events.bus.put_event(WEST, world.alarm_event(), times=3)
        world.pass_minutes(1)
        assert len(world.started_runs()) == 1
        assert sorted(set(world.start_verdicts())) == ["already started", "start"]


def test_flapping_page_raises_no_alarm(assembly: CloudAssembly) -> None:
    with deployed_application(assembly, failed_region=None) as world:
        real, seen = world.stage.engine.interceptor.http.handler, [0]
        assert real is not None

        def flapping(method: str, url: str, headers: Any) -> Any:
            seen[0] += 1
            return real(method, url, headers) if seen[0] % 7 < 2 else HttpResponse(503)

        world.stage.engine.interceptor.http.handler = flapping
        world.pass_minutes(15)
        assert (world.alarm_count(), world.started_runs()) == (0, [])
        assert seen[0] > 40


def test_broken_link_of_target_region_starts_nothing(assembly: CloudAssembly) -> None:
    """us-west-2 sees no page, and no data that arrives; the third Region does."""
    with deployed_application(assembly, failed_region=None) as world:
        real = world.stage.engine.interceptor.http.handler
        assert real is not None
        for server in world.stage.world.drs.servers(WEST):
            world.stage.world.drs.set_lag(server.server_id, 3600)

        def cut(method: str, url: str, headers: Any) -> Any:
            return HttpResponse(503) if os.environ.get("AWS_REGION") == WEST else real(method, url, headers)

        world.stage.engine.interceptor.http.handler = cut
        world.pass_minutes(10)
        assert (
            world.alarm_count(f"{FAILOVER_ALARM}-load-balancer")
            == world.alarm_count(f"{FAILOVER_ALARM}-replication")
            == 1
        )
        assert (world.alarm_count(), world.started_runs()) == (0, [])


def test_missing_metrics_start_nothing(assembly: CloudAssembly) -> None:
    """us-east-1 fails and no probe reports: unknown doesn't mean unhealthy."""
    with deployed_application(assembly) as world:
        for region in (WEST, "eu-west-1"):
            world.events.delivery.unreachable_targets.add(
                f"arn:aws:lambda:{region}:111122223333:function:leeward-website-probe"
            )
        world.pass_minutes(25)
        assert (world.alarm_count(), world.started_runs()) == (0, [])


def test_denied_probe_metrics_start_nothing(assembly: CloudAssembly) -> None:
    with deployed_application(assembly) as world:
        world.stage.engine.interceptor.inject_fault("cloudwatch:PutMetricData", FaultKind.ACCESS_DENIED, times=None)
        world.pass_minutes(25)
        assert (world.alarm_count(), world.started_runs()) == (0, [])


def test_unknown_routing_sends_event_to_dead_letter_queue(assembly: CloudAssembly) -> None:
    with deployed_application(assembly, failed_region=None) as world:
        world.stage.engine.interceptor.inject_fault(
            "route53-recovery-cluster:GetRoutingControlState", FaultKind.CONNECTION_REFUSED, times=None
        )
        world.pass_minutes(5)
        world.events.bus.put_event(WEST, world.alarm_event())
        world.pass_minutes(10)
        assert (world.started_runs(), world.dead_letter_count()) == ([], 1)
        (output,) = [d for d in world.events.delivery.records if d.target.endswith("-start")]
        assert output.outcome.startswith("dead letter in leeward-website-undelivered: RouteUnconfirmed")


def test_undeliverable_event_goes_to_dead_letter_queue(assembly: CloudAssembly) -> None:
    with deployed_application(assembly, failed_region=None) as world:
        world.pass_minutes(5)
        world.events.delivery.unreachable_targets.add(
            f"arn:aws:lambda:{WEST}:111122223333:function:leeward-website-start"
        )
        world.events.bus.put_event(WEST, world.alarm_event())
        world.pass_minutes(14)
        assert world.dead_letter_count() == 0  # it is still tried
        world.pass_minutes(15)
        assert (world.dead_letter_count(), world.started_runs()) == (1, [])


def test_similar_alarm_event_starts_nothing(assembly: CloudAssembly) -> None:
    with deployed_application(assembly, failed_region=None) as world:
        world.pass_minutes(5)
        world.events.bus.put_event(WEST, world.alarm_event(f"{FAILOVER_ALARM}-users"))
        world.events.bus.put_event(WEST, world.alarm_event(value=AlarmState.OK))
        world.events.bus.put_event(EAST, world.alarm_event(region=EAST))
        world.pass_minutes(1)
        assert (world.started_runs(), world.start_verdicts()) == ([], [])


# Both Regions


FAILBACK_ALARM_TRIGGER = """
triggers:
  alarm:
    signals: {load-balancer: {kind: http}, witness: {kind: http, seen_from: eu-west-1}}
    quorum: 2
    unhealthy_for: 3m
    automatic: true
    cool_down: 1h
    max_runs_per_day: 1

steps:
"""


def with_failback_alarm(assembly: CloudAssembly) -> CloudAssembly:
    """With an alarm on the failback too, in us-east-1: what infra makes of such a runbook, by the same functions."""
    ready = build_runbook(RUNBOOKS_FOLDER, "website", "failback")
    text = (
        (RUNBOOKS_FOLDER / "website" / "failback.yaml").read_text("utf-8").replace("\nsteps:\n", FAILBACK_ALARM_TRIGGER)
    )
    found = load_text(text, Path("failback.yaml"), Runbook)
    assert isinstance(found, LoadedDocument), found
    runbook = found.model
    machine = f"arn:aws:states:{EAST}:111122223333:stateMachine:website-failback"
    environment = {"LEEWARD_TABLE": "leeward-website", "LEEWARD_TOPIC_ARN": f"arn:aws:sns:{EAST}:111122223333:leeward-website"}  # fmt: skip  # noqa: E501
    function = {
        "FunctionName": "leeward-website-start", "Handler": "leeward.lambdas.start.handler", "Timeout": 60,
        "Role": {"Fn::GetAtt": ["A", "Arn"]},
        "Environment": {"Variables": environment},
    }  # fmt: skip
    transformer = {
        "InputPathsMap": trigger_definitions.ALARM_INPUT_PATHS,
        "InputTemplate": trigger_definitions.alarm_input_template(ready.application, runbook, machine),
    }
    target = {"Id": "f", "Arn": {"Fn::GetAtt": ["F", "Arn"]}, "InputTransformer": transformer}
    pattern = trigger_definitions.alarm_event_pattern(ready.application, runbook)
    anything = {"Statement": [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]}
    resources = {
        "A": {
            "Type": "AWS::IAM::Role",
            "Properties": {"Policies": [{"PolicyName": "all", "PolicyDocument": anything}]},
        },
        "F": {"Type": "AWS::Lambda::Function", "Properties": function},
        "R": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern, "Targets": [target]}},
    }
    stacks = [(s.name, (s.account, s.region), s.template) for s in assembly.stacks]
    return CloudAssembly([*stacks, ("leeward-more", ("111122223333", EAST), {"Resources": resources})])


@pytest.mark.parametrize("first", [EAST, WEST])
def test_alarms_of_both_regions_start_at_most_one_run(assembly: CloudAssembly, first: str) -> None:
    with deployed_application(with_failback_alarm(assembly), failed_region=None) as world:
        world.pass_minutes(5)
        names = {WEST: FAILOVER_ALARM, EAST: "leeward-website-failback"}
        for region in (first, WEST if first == EAST else EAST):
            world.events.bus.put_event(region, world.alarm_event(names[region], region))
        world.pass_minutes(1)
        # The users are in us-east-1: only what leaves it has a point.
        assert [run.split(".")[1] for run in world.started_runs()] == ["failover"]
        assert (world.start_verdicts(EAST), world.start_verdicts(WEST)) == (["users are elsewhere"], ["start"])


def test_alarm_starts_nothing_after_users_moved(assembly: CloudAssembly) -> None:
    with deployed_application(assembly, failed_region=None) as world:
        routing = world.stage.application.component("traffic", RoutingControlsComponent)
        world.pass_minutes(5)
        client = boto3.client("route53-recovery-cluster", region_name=WEST, endpoint_url=routing.endpoints[WEST])
        client.update_routing_control_states(
            UpdateRoutingControlStateEntries=[
                {"RoutingControlArn": routing.controls[WEST], "RoutingControlState": "On"},
                {"RoutingControlArn": routing.controls[EAST], "RoutingControlState": "Off"},
            ]
        )
        world.events.bus.put_event(WEST, world.alarm_event())
        world.pass_minutes(1)
        assert (world.started_runs(), world.start_verdicts()) == ([], ["users are elsewhere"])
