"""Triggers: a schedule starts drills only, an alarm needs a quorum and asks unless its limits are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from leeward.state_machines.diagnostics.problems import Severity
from tests.state_machines.conftest import DocumentsCopy, copy_of_website

SCHEDULE = "  schedule: {expression: cron(0 10 ? * TUE *), at_least_every: 8d}\n"


@pytest.fixture
def whole(tmp_path: Path) -> DocumentsCopy:
    return copy_of_website(tmp_path)


def test_sample_triggers_are_valid(whole: DocumentsCopy) -> None:
    assert whole.problems() == []


def test_schedule_on_non_drill_is_rejected_with_place(website: DocumentsCopy) -> None:
    website.change("failover.yaml", "triggers:\n", f"triggers:\n{SCHEDULE}")
    problem = website.only_problem()
    assert problem.message == 'a schedule would start "failover", which is not a drill'
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "schedule:")
    assert problem.expected == "a schedule on a runbook whose servers are launched with mode: drill"
    assert "move the schedule to a drill" in problem.hint


def test_schedule_is_rejected_when_mode_is_not_drill(tmp_path: Path) -> None:
    website = copy_of_website(tmp_path, "application.yaml", "drill.yaml")
    website.change("drill.yaml", "    mode: drill\n", "")
    assert 'a schedule would start "drill", which is not a drill' in [p.message for p in website.errors()]


def test_alarm_on_drill_is_rejected(tmp_path: Path) -> None:
    website = copy_of_website(tmp_path, "application.yaml", "drill.yaml")
    alarm = "  alarm: {signals: {a: {kind: http}, b: {kind: replication, lag: 10m}}, quorum: 2, unhealthy_for: 5m}\n"
    website.change("drill.yaml", "triggers:\n", f"triggers:\n{alarm}")
    assert 'an alarm would start "drill", which is a drill' in [p.message for p in website.errors()]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("quorum: 3", "quorum: 5", "the quorum is 5, but there are 4 signals"),
        ("quorum: 3", "quorum: 1", "quorum is the number 1"),
        ("unhealthy_for: 3m", "unhealthy_for: 90s", "an alarm counts whole minutes, at most one day"),
        ("seen_from: eu-west-1}\n      users", "seen_from: us-east-1}\n      users",
         "us-east-1 would watch itself, and reports nothing when it is unavailable"),
        ("automatic: false         # prepare and ask: preflight, page a person, wait for the approval\n"
         "    cool_down: 1h",
         "automatic: true", "an automatic run needs explicit limits: cool_down is missing"),
        ("    on_silence: reject\n\n  - name: Recover", "    on_silence: approve\n\n  - name: Recover",
         'the alarm needs approval, but "Ask for approval" approves when no one answers'),
        ("{kind: replication, lag: 10m}", "{kind: metric, namespace: Shop, metric: Orders}",
         "the metric needs one bound"),
    ],
)  # fmt: skip
def test_unlimited_automatic_alarm_is_rejected(website: DocumentsCopy, old: str, new: str, message: str) -> None:
    website.change("failover.yaml", old, new)
    problem = website.only_problem()
    assert (problem.severity, problem.message) == (Severity.ERROR, message)
    assert problem.expected


def test_asking_alarm_requires_approval_before_first_change(website: DocumentsCopy) -> None:
    text = website.file("failover.yaml").read_text("utf-8")
    start = text.index("  - name: Ask for approval")
    end = text.index("  - name: Recover the servers")
    website.change("failover.yaml", text[start:end], "")
    problem = website.only_problem()
    assert problem.message.startswith("the alarm needs approval before anything is changed")
    assert problem.expected == "an approval.request step, or automatic: true"


def test_quorum_reachable_by_one_observer_region_is_a_warning(website: DocumentsCopy) -> None:
    website.change("failover.yaml", "quorum: 3", "quorum: 2")
    problem = website.only_problem()
    assert problem.severity is Severity.WARNING
    assert problem.message.startswith("2 signals are seen from us-west-2 alone")


def test_two_alarm_runbooks_for_one_region_are_rejected(whole: DocumentsCopy) -> None:
    failover = whole.file("failover.yaml").read_text("utf-8")
    whole.file("other.yaml").write_text(failover.replace("runbook: failover", "runbook: other"), "utf-8")
    assert [p.message for p in whole.errors()] == ['"failover" already has an alarm for the same Region']


def test_alarms_in_both_directions_require_routing_state(whole: DocumentsCopy) -> None:
    whole.change("failback.yaml", "\nsteps:\n", """
triggers:
  alarm:
    signals: {a: {kind: http}, b: {kind: http, seen_from: eu-west-1}}
    quorum: 2
    unhealthy_for: 5m
    automatic: true
    cool_down: 1h
    max_runs_per_day: 1

steps:
""")  # fmt: skip
    assert whole.errors() == []  # the website has routing controls
