"""The synthesized resources that start runs without an operator."""

from __future__ import annotations

import json
from typing import Any

import pytest

from leeward.state_machines.deployment import trigger_definitions
from tests.infra.conftest import Template
from tests.infra.template_queries import resources_of_type
from tests.support.nonempty import nonempty

ENTERED = "leeward-website-triggers-us-west-2"


@pytest.fixture(scope="module")
def entered(website: dict[str, Template]) -> Template:
    """What starts the runbooks that enter us-west-2."""
    return website[ENTERED]


def single(found: dict[str, Any]) -> Any:
    (one,) = found.values()
    return one


def rule(template: Template, event_pattern: str) -> Any:
    rules = resources_of_type(template, "AWS::Events::Rule").values()
    return next(r for r in rules if event_pattern in r["Description"])


def test_alarm_exists_only_in_target_region(website: dict[str, Template]) -> None:
    for name, template in nonempty(website.items()):
        assert bool(resources_of_type(template, "AWS::CloudWatch::CompositeAlarm")) is (name == ENTERED)


def test_single_or_missing_metric_starts_no_run(entered: Template) -> None:
    composite = single(resources_of_type(entered, "AWS::CloudWatch::CompositeAlarm"))
    assert composite["AlarmName"] == "leeward-website-failover"
    assert all(some.count("ALARM(") == 3 for some in nonempty(composite["AlarmRule"].split(" OR ")))
    named = [
        a
        for a in resources_of_type(entered, "AWS::CloudWatch::Alarm").values()
        if a["AlarmName"] in composite["AlarmRule"]
    ]
    assert len(named) == 4
    for alarm in named:
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["Period"] * alarm["DatapointsToAlarm"] >= 180
        assert "AlarmActions" not in alarm


def test_alarm_event_invokes_start_task(entered: Template) -> None:
    found = rule(entered, "its alarm fired")
    (target,) = found["Targets"]
    assert found["EventPattern"]["detail"] == {
        "alarmName": ["leeward-website-failover"],
        "state": {"value": ["ALARM"]},
    }
    assert target["Arn"] == "arn:aws:lambda:us-west-2:111122223333:function:leeward-website-start"
    output = json.loads(target["InputTransformer"]["InputTemplate"])
    assert output["machine"] == "arn:aws:states:us-west-2:111122223333:stateMachine:website-failover"
    assert output["rules"]["automatic"] is False
    assert "DeadLetterConfig" in target


def test_failed_start_events_go_to_dead_letter_queue(entered: Template) -> None:
    kept = resources_of_type(entered, "AWS::Lambda::EventInvokeConfig").values()
    assert {each["FunctionName"] for each in kept} == {"leeward-website-start", "leeward-website-start-drill"}
    assert all(each["DestinationConfig"]["OnFailure"]["Destination"] for each in kept)


def test_schedule_uses_documented_time_zone(entered: Template) -> None:
    schedule = single(resources_of_type(entered, "AWS::Scheduler::Schedule"))
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert schedule["FlexibleTimeWindow"] == {"MaximumWindowInMinutes": 15, "Mode": "FLEXIBLE"}
    output = json.loads(schedule["Target"]["Input"])
    assert output["rules"]["blackouts"][0]["reason"] == "The year's end"
    assert schedule["Target"]["DeadLetterConfig"]


def test_schedule_role_reaches_only_drill_state_machines(website: dict[str, Template], entered: Template) -> None:
    """Scheduler's role invokes one function, whose role starts one state machine: that of a runbook that is a drill."""
    schedule = single(resources_of_type(entered, "AWS::Scheduler::Schedule"))
    role = entered["Resources"][schedule["Target"]["RoleArn"]["Fn::GetAtt"][0]]["Properties"]
    invokes = [s["Resource"] for p in role["Policies"] for s in p["PolicyDocument"]["Statement"] if "lambda" in str(s)]
    assert invokes == [schedule["Target"]["Arn"]]
    engine = website["leeward-website-engine-us-west-2"]
    function = next(
        f
        for f in resources_of_type(engine, "AWS::Lambda::Function").values()
        if f["FunctionName"] == "leeward-website-start-drill"
    )
    role = engine["Resources"][function["Role"]["Fn::GetAtt"][0]]["Properties"]
    starts = [
        s["Resource"]
        for p in role["Policies"]
        for s in p["PolicyDocument"]["Statement"]
        if s["Action"] == "states:StartExecution"
    ]
    assert starts == ["arn:aws:states:us-west-2:111122223333:stateMachine:website-drill"]


def test_missing_drill_success_raises_alarm(entered: Template) -> None:
    alarms = resources_of_type(entered, "AWS::CloudWatch::Alarm").values()
    overdue = next(alarm for alarm in alarms if alarm["AlarmName"] == "leeward-website-drill-overdue")
    assert overdue["TreatMissingData"] == "breaching"
    watches = [
        each["ScheduleExpression"]
        for each in resources_of_type(entered, "AWS::Events::Rule").values()
        if "drill-watch" in str(each["Targets"])
    ]
    assert watches == ["rate(1 hour)"]
    assert overdue["AlarmActions"] == ["arn:aws:sns:us-west-2:111122223333:leeward-website"]


def test_probes_exist_in_observer_regions_not_in_origin(website: dict[str, Template]) -> None:
    looking = {
        name.rpartition("website-")[2]
        for name, template in website.items()
        for found in resources_of_type(template, "AWS::Events::Rule").values()
        if found.get("ScheduleExpression") == trigger_definitions.PROBE_RATE
    }
    assert looking == {"triggers-us-west-2", "watch-eu-west-1"}
    third = website["leeward-website-watch-eu-west-1"]
    functions = [f["FunctionName"] for f in resources_of_type(third, "AWS::Lambda::Function").values()]
    assert functions == ["leeward-website-probe"]
