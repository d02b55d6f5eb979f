"""The rules for failback runbooks: each problem names its place and its fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from leeward.state_machines.diagnostics.problems import Severity
from tests.state_machines.validate.runbook_editor import ALL, RunbookEditor


@pytest.fixture
def failback(tmp_path: Path) -> RunbookEditor:
    return RunbookEditor(tmp_path, "failback")


# Nothing is given up before its replacement protects


@pytest.mark.parametrize(
    "missing", ["Replicate us-east-1 to us-west-2 again", "Wait until us-west-2 protects us-east-1"]
)
def test_failback_must_reprotect_before_retiring(failback: RunbookEditor, missing: str) -> None:
    failback.remove_step(missing)
    errors = [problem for problem in failback.problems() if problem.severity is Severity.ERROR]
    assert [problem.message for problem in errors] == [
        *(f'"{group}" is retired before its new protection is proven' for group in ("database", "home-page")),
        '"catalogue-page" is retired before its new protection is proven',
        *(f'"{group}" is terminated before its new protection is proven' for group in ("database", "home-page")),
        '"catalogue-page" is terminated before its new protection is proven',
    ]
    assert errors[0].expected == (
        "a drs.reverse with in: target, and then a drs.await_replication with in: origin,"
        ' of "database" before this step'
    )
    assert errors[0].line == failback.line("Retire what us-west-2 ran", "groups")


@pytest.mark.parametrize("mistake", ["groups: [home-page, catalogue-page]", f"in: target\n    {ALL}"])
def test_replication_wait_must_match_groups_and_region(failback: RunbookEditor, mistake: str) -> None:
    old = ALL if "target" not in mistake else f"in: origin\n    {ALL}"
    failback.change("Wait until us-west-2 protects us-east-1", old, mistake)
    assert {p.message.split('"')[2].strip() for p in failback.problems()} == {
        "is retired before its new protection is proven",
        "is terminated before its new protection is proven",
    }


def test_reprotection_must_follow_launch(failback: RunbookEditor) -> None:
    for name in ("Replicate us-east-1 to us-west-2 again", "Wait until us-west-2 protects us-east-1"):
        step = failback.step(name)
        failback.remove_step(name)
        failback.website.change(failback.file, "  - name: Launch the", step + "\n  - name: Launch the")
    assert any("is retired before" in problem.message for problem in failback.problems())


@pytest.mark.parametrize(
    ("file", "step"), [("failover", "Recover the servers"), ("failback", "Launch the servers in us-east-1")]
)
def test_unprotected_launch_is_a_warning(tmp_path: Path, file: str, step: str) -> None:
    runbook = RunbookEditor(tmp_path, file)
    for name in ("Replicate us-west-2 back to us-east-1", "Replicate us-east-1 to us-west-2 again")[
        file == "failback" :
    ][:1]:
        runbook.remove_step(name)
    warnings = [problem for problem in runbook.problems() if problem.severity is Severity.WARNING]
    assert [problem.message for problem in warnings] == [
        f'"{group}" is unprotected once it serves' for group in ("database", "home-page", "catalogue-page")
    ]
    assert warnings[0].hint == "add a drs.reverse step after this one"
    assert warnings[0].line == runbook.line(step, "groups")


def test_unprotected_recovery_plan_is_a_warning(tmp_path: Path) -> None:
    runbook = RunbookEditor(tmp_path, "failover")
    runbook.remove_step("Replicate us-west-2 back to us-east-1")
    runbook.change("Recover the servers", runbook.step("Recover the servers").split("\n", 1)[1],
                   "    kind: drs.recovery_plan\n    plan: rplan-0a1b\n    timeout: 20m\n")  # fmt: skip
    (problem,) = runbook.problems()
    assert problem.message == "the servers of the plan are unprotected once they serve"
    assert problem.line == runbook.line("Recover the servers", "drs.recovery_plan")


def test_failback_without_wait_for_fenced_writes_is_rejected(failback: RunbookEditor) -> None:
    failback.remove_step("Wait until us-east-1 holds everything")
    (problem,) = failback.problems()
    assert problem.severity is Severity.ERROR
    assert "no step after the fence waits for the copies of database, home-page, catalogue-page" in problem.message
    assert problem.expected.startswith("a drs.await_replication with since: fence between the fence and ")
    assert problem.line == failback.line("Send the users to us-east-1", "kind")


def test_failback_of_servers_that_nothing_can_fence_is_a_warning(failback: RunbookEditor) -> None:
    for name in ("Fence us-west-2", "Wait until us-east-1 holds everything", "Register with the load balancer"):
        failback.remove_step(name)
    application = failback.website.file("application.yaml")
    text = application.read_text("utf-8")
    start, end = text.index("  home-targets:"), text.index("  traffic:")
    application.write_text(text[:start] + text[end:], "utf-8")
    problems = failback.problems()
    assert [problem.severity for problem in problems] == [Severity.WARNING] * 3
    assert problems[0].message == 'what users write until "database" is failed back may be lost'
    assert problems[0].hint.startswith("add an alb.deregister or api.fence step, and after it a drs.await_replication")
    assert problems[0].line == failback.line("Launch the servers in us-east-1", "groups")


# Directions


def test_failover_may_not_fail_back(tmp_path: Path) -> None:
    runbook = RunbookEditor(tmp_path, "failover")
    runbook.change("Recover the servers", "kind: drs.recover", "kind: drs.fail_back")
    error = next(problem for problem in runbook.problems() if problem.severity is Severity.ERROR)
    assert error.message == "a failover has nothing to fail back"
    assert error.expected == "a step that recovers servers, or direction: failback"
    assert error.line == runbook.line("Recover the servers", "drs.fail_back")


def test_recovery_in_origin_is_rejected(tmp_path: Path) -> None:
    runbook = RunbookEditor(tmp_path, "failover")
    runbook.change("Recover the servers", "kind: drs.recover", "kind: drs.recover\n    in: origin")
    error = next(problem for problem in runbook.problems() if "in the origin Region" in problem.message)
    assert error.line == runbook.line("Recover the servers", "in: origin")
    assert error.expected == "in: target, or mode: drill"


def test_region_must_be_origin_or_target(failback: RunbookEditor) -> None:
    failback.change("Retire what us-west-2 ran", "in: origin", "in: orign")
    (problem,) = failback.problems()
    assert (problem.message, problem.hint) == ('in is "orign"', 'did you mean "origin"?')


def test_group_by_ids_is_rejected_for_failback(failback: RunbookEditor) -> None:
    failback.website.application(
        "servers: {tags: {Application: website, Role: database}}", "servers: {ids: [s-11111111111111111]}"
    )
    problems = failback.problems()
    found = {problem.line for problem in problems if "is selected by ids" in problem.message}
    assert failback.line("Launch the servers in us-east-1", "groups") in found
    assert failback.line("Retire what us-west-2 ran", "groups") in found
    assert failback.line("Replicate us-west-2 back to us-east-1", "groups") not in found, "there the ids are right"
    (instances,) = [problem for problem in problems if "do not identify instances" in problem.message]
    assert instances.line == failback.line("Terminate the servers that the failover left behind", "groups")
    assert instances.expected == "a group that is selected by tags"


@pytest.mark.parametrize("name", ["Retire what us-west-2 ran", "Launch the servers in us-east-1"])
def test_unknown_group_is_reported(failback: RunbookEditor, name: str) -> None:
    failback.change(name, "home-page", "home-pages")
    assert any(
        problem.message == 'unknown component "home-pages"' and problem.line == failback.line(name, "groups")
        for problem in failback.problems()
    )


# Undo


def test_destructive_step_with_undo_is_rejected(failback: RunbookEditor) -> None:
    failback.change("Retire what us-west-2 ran", "on_failure: ask", "on_failure: undo")
    (problem,) = failback.problems()
    assert problem.message == '"Retire what us-west-2 ran" cannot be undone'
    assert problem.line == failback.line("Retire what us-west-2 ran", "on_failure")
