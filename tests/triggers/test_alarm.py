"""From a figure to a run, through what is synthesised: one run at most, and none that nothing calls for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import boto3
import pytest

from leeward.state_machines.build import RUNBOOKS_FOLDER, build_runbook
from leeward.state_machines.components import RoutingControlsComponent
from leeward.state_machines.deployment import trigger_definitions
from leeward.state_machines.load.document_loader import LoadedDocument, load_text
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.twin.engine import FaultKind, HttpResponse
from leeward.twin.events.alarms.metric_alarms import AlarmState
from leeward.twin.templates.cloud_assembly import CloudAssembly
from tests.triggers.deployed import EAST, FAILOVER_ALARM, WEST, deployed


def test_a_region_that_goes_dark_is_a_run_that_asks(assembly: CloudAssembly) -> None:
    with deployed(assembly) as world:
        world.minutes(5)
        assert world.started() == []
        world.minutes(3.5)
        (run,) = world.stage.runs
        assert run.id.startswith("website.failover.alarm-20260301T09081")
        assert world.alarmed() == 1
        asking = {step.name: step.status for step in run.progress.steps}
        assert (asking["Ask for approval"], asking["Recover the servers"]) == ("asking", "not reached")


def test_an_alarm_that_flaps_a_hundred_times_in_ten_minutes_is_one_run(assembly: CloudAssembly) -> None:
    with deployed(assembly, dark=None) as world:
        world.minutes(5)
        for _ in range(100):
            world.events.bus.put_event(WEST, world.alarm_event())
            world.stage.engine.clock.sleep(3)
            world.events.bus.put_event(WEST, world.alarm_event(value=AlarmState.OK))
            world.stage.engine.clock.sleep(3)
        assert len(world.started()) == 1
        assert world.verdicts() == ["start", *["cool-down"] * 99]


def test_an_event_that_is_delivered_twice_at_once_is_one_run(assembly: CloudAssembly) -> None:
    with deployed(assembly, dark=None) as world:
        world.minutes(5)
        world.events.bus.put_event(WEST, world.alarm_event(), times=3)
        world.minutes(1)
        assert len(world.started()) == 1
        assert sorted(set(world.verdicts())) == ["already started", "start"]


def test_a_page_that_flaps_raises_no_alarm(assembly: CloudAssembly) -> None:
    with deployed(assembly, dark=None) as world:
        real, seen = world.stage.engine.interceptor.http_handler, [0]
        assert real is not None

        def flapping(method: str, url: str, headers: Any) -> Any:
            seen[0] += 1
            return real(method, url, headers) if seen[0] % 7 < 2 else HttpResponse(503)

        world.stage.engine.interceptor.http_handler = flapping
        world.minutes(15)
        assert (world.alarmed(), world.started()) == (0, [])
        assert seen[0] > 40


def test_the_targets_own_broken_link_is_no_lost_origin(assembly: CloudAssembly) -> None:
    """us-west-2 sees no page, and no data that arrives; the third Region does."""
    with deployed(assembly, dark=None) as world:
        real = world.stage.engine.interceptor.http_handler
        assert real is not None
        for server in world.stage.world.drs.servers(WEST):
            world.stage.world.drs.set_lag(server.server_id, 3600)

        def cut(method: str, url: str, headers: Any) -> Any:
            return HttpResponse(503) if os.environ.get("AWS_REGION") == WEST else real(method, url, headers)

        world.stage.engine.interceptor.http_handler = cut
        world.minutes(10)
        assert world.alarmed(f"{FAILOVER_ALARM}-load-balancer") == world.alarmed(f"{FAILOVER_ALARM}-replication") == 1
        assert (world.alarmed(), world.started()) == (0, [])


def test_figures_that_do_not_come_start_nothing(assembly: CloudAssembly) -> None:
    """us-east-1 is gone, and nobody looks: what is not known is not unhealthy."""
    with deployed(assembly) as world:
        for region in (WEST, "eu-west-1"):
            world.events.delivery.unreachable_targets.add(
                f"arn:aws:lambda:{region}:111122223333:function:leeward-website-probe"
            )
        world.minutes(25)
        assert (world.alarmed(), world.started()) == (0, [])


def test_what_the_probes_may_not_see_starts_nothing(assembly: CloudAssembly) -> None:
    with deployed(assembly) as world:
        world.stage.engine.interceptor.inject_fault("cloudwatch:PutMetricData", FaultKind.ACCESS_DENIED, times=None)
        world.minutes(25)
        assert (world.alarmed(), world.started()) == (0, [])


def test_where_nothing_tells_where_the_users_are_the_event_ends_as_a_dead_letter(assembly: CloudAssembly) -> None:
    with deployed(assembly, dark=None) as world:
        world.stage.engine.interceptor.inject_fault(
            "route53-recovery-cluster:GetRoutingControlState", FaultKind.CONNECTION_REFUSED, times=None
        )
        world.minutes(5)
        world.events.bus.put_event(WEST, world.alarm_event())
        world.minutes(10)
        assert (world.started(), world.letters()) == ([], 1)
        (told,) = [d for d in world.events.delivery.records if d.target.endswith("-start")]
        assert told.outcome.startswith("dead letter in leeward-website-undelivered: RouteUnconfirmed")


def test_an_event_that_cannot_be_handed_over_ends_as_a_dead_letter(assembly: CloudAssembly) -> None:
    with deployed(assembly, dark=None) as world:
        world.minutes(5)
        world.events.delivery.unreachable_targets.add(
            f"arn:aws:lambda:{WEST}:111122223333:function:leeward-website-start"
        )
        world.events.bus.put_event(WEST, world.alarm_event())
        world.minutes(14)
        assert world.letters() == 0  # it is still tried
        world.minutes(15)
        assert (world.letters(), world.started()) == (1, [])


def test_an_alarm_that_only_looks_alike_starts_nothing(assembly: CloudAssembly) -> None:
    with deployed(assembly, dark=None) as world:
        world.minutes(5)
        world.events.bus.put_event(WEST, world.alarm_event(f"{FAILOVER_ALARM}-users"))
        world.events.bus.put_event(WEST, world.alarm_event(value=AlarmState.OK))
        world.events.bus.put_event(EAST, world.alarm_event(region=EAST))
        world.minutes(1)
        assert (world.started(), world.verdicts()) == ([], [])


# Both Regions


ALARMED = """
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


def other_direction(assembly: CloudAssembly) -> CloudAssembly:
    """With an alarm on the failback too, in us-east-1: what infra makes of such a runbook, by the same functions."""
    ready = build_runbook(RUNBOOKS_FOLDER, "website", "failback")
    text = (RUNBOOKS_FOLDER / "website" / "failback.yaml").read_text("utf-8").replace("\nsteps:\n", ALARMED)
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
def test_both_regions_alarms_at_once_are_one_run_at_most(assembly: CloudAssembly, first: str) -> None:
    with deployed(other_direction(assembly), dark=None) as world:
        world.minutes(5)
        names = {WEST: FAILOVER_ALARM, EAST: "leeward-website-failback"}
        for region in (first, WEST if first == EAST else EAST):
            world.events.bus.put_event(region, world.alarm_event(names[region], region))
        world.minutes(1)
        # The users are in us-east-1: only what leaves it has a point.
        assert [run.split(".")[1] for run in world.started()] == ["failover"]
        assert (world.verdicts(EAST), world.verdicts(WEST)) == (["users are elsewhere"], ["start"])


def test_nothing_is_started_when_the_users_have_been_moved_already(assembly: CloudAssembly) -> None:
    with deployed(assembly, dark=None) as world:
        routing = world.stage.application.component("traffic", RoutingControlsComponent)
        world.minutes(5)
        client = boto3.client("route53-recovery-cluster", region_name=WEST, endpoint_url=routing.endpoints[WEST])
        client.update_routing_control_states(
            UpdateRoutingControlStateEntries=[
                {"RoutingControlArn": routing.controls[WEST], "RoutingControlState": "On"},
                {"RoutingControlArn": routing.controls[EAST], "RoutingControlState": "Off"},
            ]
        )
        world.events.bus.put_event(WEST, world.alarm_event())
        world.minutes(1)
        assert (world.started(), world.verdicts()) == ([], ["users are elsewhere"])
