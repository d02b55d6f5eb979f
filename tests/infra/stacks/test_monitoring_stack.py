"""Alarms on the runbooks themselves, and what a person sees."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from leeward.common.naming.telemetry_names import RUN_DIMENSIONS, RunMetric
from tests.infra.conftest import Template
from tests.infra.template_queries import resources_of_type
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

TOPIC = "arn:aws:sns:us-west-2:111122223333:leeward-website"


@pytest.fixture(scope="module")
def monitoring(website: dict[str, Template]) -> Template:
    return website["leeward-website-monitoring-us-west-2"]


def alarm(template: Template, name: str) -> Any:
    found = {a["AlarmName"]: a for a in resources_of_type(template, "AWS::CloudWatch::Alarm").values()}
    return found[name]


def test_every_alarm_has_action_and_description(monitoring: Template) -> None:
    for each in nonempty(resources_of_type(monitoring, "AWS::CloudWatch::Alarm").values()):
        assert each["AlarmActions"] == each["OKActions"] == [TOPIC]
        assert each["AlarmDescription"]


def test_alarms_of_the_page_notify_the_topic_at_start_and_end(website: dict[str, Template]) -> None:
    page = (REPOSITORY / "docs" / "deploying.md").read_text().split("## Alarms")[1].split("\n## ")[0]
    named = re.findall(r"^- `leeward-<app>-(?:<\w+>-)?([\w-]+)`:", page, re.MULTILINE)
    alarms = [
        each
        for name, template in website.items()
        if name.startswith("leeward-")
        for each in resources_of_type(template, "AWS::CloudWatch::Alarm").values()
    ]
    for ending in nonempty(named):
        found = [each for each in alarms if each["AlarmName"].endswith(f"-{ending}")]
        assert found, ending
        for each in found:
            topics = {action.rpartition(":")[2] for action in each["AlarmActions"] + each["OKActions"]}
            assert topics == {"leeward-website"}, each["AlarmName"]
            assert each["AlarmActions"] == each["OKActions"], each["AlarmName"]


def test_readiness_is_checked_every_half_hour_and_silence_raises_its_alarm(website: dict[str, Template]) -> None:
    template = website["leeward-website-triggers-us-west-2"]
    alarm_of_failover = alarm(template, "leeward-website-failover-not-ready")
    assert (alarm_of_failover["Threshold"], alarm_of_failover["TreatMissingData"]) == (1, "breaching")
    rates = {
        rule.get("ScheduleExpression")
        for rule in resources_of_type(template, "AWS::Events::Rule").values()
        if "readiness" in str(rule["Targets"])
    }
    assert rates == {"rate(30 minutes)", None}  # None: after a deployment


@pytest.mark.parametrize("runbook", ["failover", "drill"])
def test_each_runbook_has_alarm_on_failed_executions(monitoring: Template, runbook: str) -> None:
    queries = alarm(monitoring, f"leeward-website-{runbook}-failed")["Metrics"]
    metrics = [q["MetricStat"]["Metric"] for q in queries if "MetricStat" in q]
    assert {m["MetricName"] for m in metrics} == {"ExecutionsAborted", "ExecutionsFailed", "ExecutionsTimedOut"}
    machine = f"arn:aws:states:us-west-2:111122223333:stateMachine:website-{runbook}"
    assert all(m["Dimensions"] == [{"Name": "StateMachineArn", "Value": machine}] for m in metrics)


def test_stuck_run_alarm_treats_missing_data_as_breaching(monitoring: Template) -> None:
    assert alarm(monitoring, "leeward-website-run-stuck")["TreatMissingData"] == "breaching"
    watch = next(
        r
        for r in resources_of_type(monitoring, "AWS::Events::Rule").values()
        if r.get("ScheduleExpression") == "rate(5 minutes)"
    )
    output = json.loads(watch["Targets"][0]["Input"])
    assert set(output["machines"]) == {"failover", "drill"}


def test_replication_lag_and_stall_have_alarms(monitoring: Template) -> None:
    assert alarm(monitoring, "leeward-website-replication-lag")["Threshold"] == 300
    stalled = next(r for r in resources_of_type(monitoring, "AWS::Events::Rule").values() if "EventPattern" in r)
    assert stalled["EventPattern"]["source"] == ["aws.drs"]
    assert stalled["Targets"][0]["Arn"] == TOPIC


def test_undelivered_triggers_have_alarms(monitoring: Template) -> None:
    assert alarm(monitoring, "leeward-website-undelivered")["Threshold"] == 0
    assert alarm(monitoring, "leeward-website-schedules-failed")["Threshold"] == 0


def test_dashboard_metrics_match_emitted_metrics(monitoring: Template) -> None:
    """By the names and dimensions of `common.signals`, in their order."""
    (board,) = resources_of_type(monitoring, "AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(board["DashboardBody"])["widgets"]
    own = [m for w in widgets for m in w["properties"].get("metrics", []) if m[0] == "Leeward" and m[2] == "service"]
    shown = {m[1] for m in own}
    assert shown == {
        RunMetric.SUCCEEDED, RunMetric.FAILED, RunMetric.RTO_SECONDS, RunMetric.RPO_SECONDS,
        RunMetric.QUESTION_SECONDS, RunMetric.QUESTION_LAPSED,
    }  # fmt: skip
    assert {tuple(m[2:8:2]) for m in own} == {RUN_DIMENSIONS}
    assert {tuple(m[3:8:2]) for m in own} == {("leeward", "website", "failover"), ("leeward", "website", "drill")}
    measured = next(w["properties"] for w in widgets if w["properties"].get("title", "").startswith("failover: RTO"))
    assert [line["value"] for line in measured["annotations"]["horizontal"]] == [1800, 300]


def test_dashboard_shows_runs_of_its_region(monitoring: Template) -> None:
    (board,) = resources_of_type(monitoring, "AWS::CloudWatch::Dashboard").values()
    shown = json.loads(board["DashboardBody"])["widgets"]
    assert board["DashboardName"] == "leeward-website-us-west-2"
    assert any(w["properties"].get("title") == "Signals about us-east-1, for failover" for w in shown)
    titles = [w["properties"].get("title", "") for w in shown]
    output = {"Readiness", "Waiting for an answer, last quarter", "failover: RTO and RPO (s), last quarter"}
    assert output <= set(titles)
    assert not [title for title in titles if title.startswith("drill: RTO")], "a drill moves no users"
    places = [(w["x"], w["y"]) for w in shown]
    assert len(set(places)) == len(places)
    assert all(w["x"] + w["width"] <= 24 for w in shown)
