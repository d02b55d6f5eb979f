"""The rules of drills, of existing instances and of native plans: each with its place, and with what mends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from leeward.state_machines.diagnostics.problems import Severity
from tests.state_machines.validate.runbook_editor import ALL, RunbookEditor


@pytest.fixture
def failback(tmp_path: Path) -> RunbookEditor:
    return RunbookEditor(tmp_path, "failback")


@pytest.fixture
def drill(tmp_path: Path) -> RunbookEditor:
    return RunbookEditor(tmp_path, "drill")


@pytest.fixture
def failback_drill(tmp_path: Path) -> RunbookEditor:
    return RunbookEditor(tmp_path, "failback-drill")


# Drills


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("{name: Move, kind: arc.route, component: traffic}", "a drill moves traffic"),
        ("{name: Register, kind: alb.register, targets: [home-targets]}",
         "a drill changes the load balancer of us-east-1, which serves the users"),
        ("{name: Fence, kind: alb.deregister, in: target, targets: [home-targets]}",
         "a drill changes the load balancer of us-east-1, which serves the users"),
        ("{name: Retire, kind: drs.retire, groups: [database]}", "a drill removes servers permanently: drs.retire"),
        ("{name: Clear, kind: ec2.terminate, groups: [database]}",
         "a drill removes servers permanently: ec2.terminate"),
        ("{name: Return, kind: drs.fail_back, groups: [database], timeout: 1m}",
         "a drill in a runbook that also recovers"),
    ],
)  # fmt: skip
def test_drill_may_not_touch_production(failback_drill: RunbookEditor, step: str, message: str) -> None:
    failback_drill.insert_before("Tell the team", step)
    assert message in [problem.message for problem in failback_drill.problems() if problem.severity is Severity.ERROR]


def test_declared_drill_may_not_recover_for_real(failback: RunbookEditor) -> None:
    failback.website.change(failback.file, "direction: failback", "drill: true\ndirection: failback")
    messages = [problem.message for problem in failback.problems() if problem.severity is Severity.ERROR]
    assert messages == ["a step that recovers for real in a runbook that declares `drill: true`"]


def test_drill_may_use_standby_load_balancer(drill: RunbookEditor) -> None:
    drill.insert_before(
        "Terminate the drill's servers", "{name: Register, kind: alb.register, targets: [home-targets]}"
    )
    assert drill.problems() == []


def test_drill_without_termination_is_a_warning(drill: RunbookEditor) -> None:
    drill.change("Terminate the drill's servers", ALL, "groups: [home-page, catalogue-page]")
    (problem,) = drill.problems()
    assert (problem.severity, problem.hint) == (Severity.WARNING, "add a drs.terminate step after it")
    assert problem.message == 'the drill leaves the instances of "database" running'
    assert problem.line == drill.line("Recover the servers as a drill", "groups")


@pytest.mark.parametrize("mode", ["", "\n    mode: recovery"])
def test_terminate_requires_drill_launch(tmp_path: Path, mode: str) -> None:
    runbook = RunbookEditor(tmp_path, "failover")
    runbook.change("Recover the servers", "kind: drs.recover", f"kind: drs.recover{mode}")
    runbook.insert_before("Tell the team", "{name: Clear, kind: drs.terminate, groups: [database]}")
    (problem,) = runbook.problems()
    assert problem.message == 'no step before this one launches "database" as a drill in the target Region'
    assert problem.expected == "a drs.recover with mode: drill and in: target before it"


def test_drill_must_be_terminated_in_launch_region(drill: RunbookEditor) -> None:
    drill.change("Terminate the drill's servers", "kind: drs.terminate", "in: origin\n    kind: drs.terminate")
    messages = [problem.message for problem in drill.problems()]
    assert 'no step before this one launches "database" as a drill in the origin Region' in messages


def test_discard_must_precede_termination_of_source(failback_drill: RunbookEditor) -> None:
    failback_drill.remove_step("Discard the copies in us-east-1")
    problems = failback_drill.problems()
    error = next(problem for problem in problems if problem.severity is Severity.ERROR)
    assert error.message == '"database" is terminated while it is replicated back, which DRS refuses'
    assert error.expected == "a drs.discard with in: target before it"
    assert error.line == failback_drill.line("Terminate the drill's servers in us-west-2", "groups")
    warning = next(problem for problem in problems if problem.severity is Severity.WARNING)
    assert warning.message == 'the drill leaves "database" replicating back'


def test_discard_requires_terminated_instance(failback_drill: RunbookEditor) -> None:
    failback_drill.remove_step("Terminate the drill's servers in us-east-1")
    error = next(problem for problem in failback_drill.problems() if problem.severity is Severity.ERROR)
    assert "is discarded while the drill's instances of it run" in error.message
    assert error.expected == "a drs.terminate with in: target before it"


def test_discard_requires_drill_reversal(failback: RunbookEditor) -> None:
    failback.insert_before("Tell the team", "{name: Discard, kind: drs.discard, groups: [database]}")
    (problem,) = failback.problems()
    assert problem.message == 'no step before this one reverses a drill of "database"'
    assert problem.expected == "a drs.reverse with mode: drill and in: origin before it"


def test_drill_reversal_requires_drill_launch(failback_drill: RunbookEditor) -> None:
    failback_drill.change("Replicate the drill's servers to us-east-1", "in: origin", "in: target")
    messages = [problem.message for problem in failback_drill.problems()]
    assert 'no step before this one launches "database" as a drill in the target Region' in messages


def test_drill_may_not_defer(failback_drill: RunbookEditor) -> None:
    failback_drill.change(
        "Replicate the drill's servers to us-east-1", "mode: drill", "mode: drill\n    if_unreachable: defer"
    )
    (problem,) = failback_drill.problems()
    assert problem.message == "a drill that defers the reversal tests nothing"


# Existing instances, native plans


@pytest.mark.parametrize(
    ("instances", "message"),
    [
        ("{database: {id: i-1}}", "is not an instance id"),
        ("{database: {}}", "the instances are selected in 0 ways"),
        ("{database: {id: i-12345678, tags: {a: b}}}", "the instances are selected in 2 ways"),
        ("{database: {tags: {}}}", "tags is empty"),
        ("{home-page: {id: i-12345678}}", '"database" has no instances to launch into'),
        ("{database: {id: i-12345678}, home-page: {id: i-87654321}}", '"home-page" is not among the groups'),
        ("{database: {ids: {a: i-12345678, b: i-12345678}}}", "i-12345678 is used for two servers"),
        ("{database: {name: x}}", 'unknown key "name"'),
    ],
)
def test_invalid_launch_into_is_reported(tmp_path: Path, instances: str, message: str) -> None:
    runbook = RunbookEditor(tmp_path, "failover")
    step = f"{{name: Into, kind: drs.launch_into, groups: [database], timeout: 1m, instances: {instances}}}"
    runbook.insert_before("Tell the team", step)
    found = [problem for problem in runbook.problems() if problem.severity is Severity.ERROR]
    assert message in " ".join(problem.message for problem in found)
    line = runbook.line("Tell the team", "name") - 1
    assert {problem.line for problem in found} == {line}


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ("rplan", "is not a recovery plan"),
        ("arn:aws:drs:us-east-1:111122223333:recovery-plan/rplan-0a", 'the ARN is of Region "us-east-1"'),
        ("arn:aws:ec2:us-west-2:111122223333:recovery-plan/rplan-0a", 'the ARN is of the service "ec2"'),
        ("arn:aws:drs:us-west-2:111122223333:source-server/s-0a", 'the ARN is of a "source-server"'),
        ("arn:nonsense", "is not an ARN"),
    ],
)
def test_invalid_recovery_plan_is_reported(tmp_path: Path, plan: str, message: str) -> None:
    runbook = RunbookEditor(tmp_path, "failover")
    runbook.insert_before("Tell the team", f"{{name: Plan, kind: drs.recovery_plan, timeout: 1m, plan: '{plan}'}}")
    found = [problem for problem in runbook.problems() if problem.severity is Severity.ERROR]
    assert message in " ".join(problem.message for problem in found)


def test_recovery_plan_cannot_fail_back(failback: RunbookEditor) -> None:
    failback.insert_before("Fence us-west-2", "{name: Plan, kind: drs.recovery_plan, timeout: 1m, plan: rplan-0a}")
    assert any(problem.message == "a DRS Recovery Plan cannot fail back" for problem in failback.problems())
