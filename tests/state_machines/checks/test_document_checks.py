"""Each check that compares a machine with its documents finds the mistake that it is there for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from leeward.state_machines.asl import StateMachine
from leeward.state_machines.asl.parser.definition_parser import parse_definition
from leeward.state_machines.build import build_runbook
from leeward.state_machines.checks.behavior.behavior_check import BehaviorComparison
from leeward.state_machines.checks.expectations.expected_steps import MachineDocuments
from leeward.state_machines.checks.machine_report import CHECKS, DOCUMENT_CHECKS
from tests.state_machines.checks.corruptions.sites import iterate_states
from tests.support.paths import RUNBOOKS_FOLDER

BUILT = build_runbook(RUNBOOKS_FOLDER, "ticketing", "failover-routing-control")
DOCUMENTED = MachineDocuments(BUILT.application, BUILT.runbook)
LOCK, CHECK, ROUTE = "Take the lock", "Check that ap-southeast-1 serves", "Send the users to ap-southeast-1"
FENCE, APPROVAL = "Fence writes in eu-west-1", "Ask for approval: wait for the answer"
BEGIN, LOOK, MISSED = "Begin the run", f"{ROUTE}: look", f"{ROUTE}: look missed"


def changed(change: Callable[[dict[str, Any]], object]) -> StateMachine:
    definition = json.loads(BUILT.compiled.text)
    change(definition["States"])
    parsed = parse_definition(json.dumps(definition))
    assert parsed.machine is not None
    return parsed.machine


def swap_controls(states: dict[str, Any]) -> None:
    parameters = states[ROUTE]["Parameters"]["Payload"]["parameters"]
    parameters["turn_on"], parameters["turn_off"] = parameters["turn_off"], parameters["turn_on"]


@pytest.mark.parametrize(
    ("check", "state", "change"),
    [
        ("catches", ROUTE, lambda s: s[ROUTE].pop("Catch")),
        ("catches", ROUTE, lambda s: s[ROUTE]["Catch"].reverse()),
        ("catches", "Record the end", lambda s: s["Record the end"].update(Catch=s[ROUTE]["Catch"][1:])),
        ("retries", ROUTE, lambda s: s[ROUTE].pop("Retry")),
        ("retries", ROUTE, lambda s: s[ROUTE]["Retry"][1].update(MaxAttempts=0)),
        ("retries", ROUTE, lambda s: s[ROUTE]["Retry"][1].update(IntervalSeconds=0)),
        ("retries", ROUTE, lambda s: s[ROUTE]["Retry"][0]["ErrorEquals"].remove("SafetyRuleBlocked")),
        ("retries", ROUTE, lambda s: s[ROUTE]["Retry"][0]["ErrorEquals"].append("Throttled")),
        ("retries", ROUTE, lambda s: s[ROUTE]["Retry"].reverse()),
        ("retries", ROUTE, lambda s: s[ROUTE]["Retry"][1]["ErrorEquals"].append("Throttled")),
        ("retries", BEGIN, lambda s: s[BEGIN]["Retry"].reverse()),
        ("retries", APPROVAL, lambda s: s[APPROVAL]["Retry"][0]["ErrorEquals"].remove("States.Timeout")),
        ("catches", LOOK, lambda s: s[LOOK]["Catch"].insert(1, s[LOOK]["Catch"].pop())),
        ("handling", LOOK, lambda s: s[LOOK]["Catch"].pop(1)),
        ("calls", ROUTE, lambda s: s[ROUTE]["Parameters"]["Payload"].pop("head.$")),
        ("calls", LOOK, lambda s: s[LOOK]["Parameters"]["Payload"]["poll"].pop("memo.$")),
        ("behavior", LOOK, lambda s: s[MISSED]["Parameters"].pop("head.$")),
        ("behavior", LOOK, lambda s: s[MISSED]["Parameters"].pop("memo.$")),
        ("behavior", BEGIN, lambda s: s[BEGIN]["ResultSelector"]["look"].pop("head.$")),
        ("behavior", LOOK, lambda s: s[LOOK]["Catch"].insert(1, s[LOOK]["Catch"].pop())),
        ("behavior", f"{FENCE}: done?", lambda s: s[f"{FENCE}: done?"]["Choices"].pop(0)),
        (
            "behavior",
            f"{FENCE}: done?",
            lambda s: s[f"{FENCE}: done?"]["Choices"][0].update(Next=s[f"{FENCE}: done?"]["Choices"][1]["Next"]),
        ),
        ("results", LOCK, lambda s: s[LOCK].pop("ResultPath")),
        ("functions", ROUTE, lambda s: s[ROUTE]["Parameters"].update(FunctionName="leeward-arc-rout")),
        ("functions", APPROVAL, lambda s: s[APPROVAL].update(Resource="arn:aws:states:::lambda:invoke")),
        ("calls", ROUTE, swap_controls),
        ("calls", CHECK, lambda s: s[CHECK]["Parameters"]["Payload"]["parameters"].update(connect_to="elsewhere")),
        ("handling", ROUTE, lambda s: s[ROUTE].update(TimeoutSeconds=1)),
        ("handling", "Record the end", lambda s: s["Record the end"].update(TimeoutSeconds=1)),
        (
            "handling",
            "Tell the team: failed",
            lambda s: s["Tell the team: failed"]["ResultSelector"].pop("cause.$"),
        ),
        ("handling", ROUTE, lambda s: s[ROUTE]["Catch"][0].update(ErrorEquals=["NotFound"])),
        (
            "places",
            FENCE,
            lambda s: s[FENCE]["Parameters"]["Payload"]["parameters"].update(region="eu-north-1"),
        ),
        ("order", ROUTE, lambda s: s[f"{CHECK}: skip?"].update(Default=f"{ROUTE}: skip?")),
        ("order", ROUTE, lambda s: s["Check the replicas: done?"]["Choices"][1].update(Next=ROUTE)),
        ("order", ROUTE, lambda s: s["Check the replicas: done?"]["Choices"][0].update(Next=f"{ROUTE}: skip?")),
        ("order", ROUTE, lambda s: s[f"{CHECK}: failed"].update(Next=f"{ROUTE}: skip?")),
        ("order", FENCE, lambda s: s["Begin the run"].update(Next=f"{FENCE}: skip?")),
        ("order", ROUTE, lambda s: s[f"{FENCE}: skip?"].update(Default=f"{ROUTE}: skip?")),
        ("behavior", f"{ROUTE}: again", lambda s: s[f"{ROUTE}: again"].update(Next="Record the end")),
        ("behavior", "Done", lambda s: s["Record the stop"].update(Next="Done")),
    ],
)
def test_check_finds_its_mistake(check: str, state: str, change: Callable[[dict[str, Any]], object]) -> None:
    machine = changed(change)
    found = list(CHECKS[check](machine) if check in CHECKS else DOCUMENT_CHECKS[check](machine, DOCUMENTED))
    names = {finding.state for finding in found}
    if check == "behavior":  # the first event that differs may be that of the state before
        assert found
    else:
        assert state in names, found


@pytest.mark.parametrize("seconds", [600, 94_608_000])
def test_time_of_the_run_that_is_not_the_documents_is_found(seconds: int) -> None:
    definition = json.loads(BUILT.compiled.text) | {"TimeoutSeconds": seconds}
    machine = parse_definition(json.dumps(definition)).machine
    assert machine is not None
    (finding,) = DOCUMENT_CHECKS["run-time"](machine, DOCUMENTED)
    assert f"a run may take {seconds} s" in finding.text


def test_operator_may_skip_a_check_without_a_finding() -> None:
    """The skip in the run's input and the answer `skip` lead past steps, by decision."""
    assert list(DOCUMENT_CHECKS["order"](BUILT.compiled.machine, DOCUMENTED)) == []


def test_scenarios_enter_every_state() -> None:
    comparison = BehaviorComparison(BUILT.compiled.machine, DOCUMENTED)
    assert list(comparison.compare_all()) == []
    every = {name for name, _, _ in iterate_states(json.loads(BUILT.compiled.text))}
    assert every - comparison.visited == set()
