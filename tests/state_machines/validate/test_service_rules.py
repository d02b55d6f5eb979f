"""A runbook that moves users must first register their servers, check that they serve, and fence a planned move."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.validate.document_validation import validate_paths
from tests.support.paths import RUNBOOKS_FOLDER

MOVING = {
    "website failover": "Send the users to us-west-2",
    "website failback": "Send the users to us-east-1",
    "ticketing failover": "Take eu-west-1 out of service",
    "ticketing failover-weighted": "Take eu-west-1 out of service",
    "ticketing failover-routing-control": "Send the users to ap-southeast-1",
    "ticketing failback": "Put eu-west-1 in service",
    "ticketing failback-weighted": "Lead the users to eu-west-1 by shares",
    "ticketing failback-routing-control": "Send the users to eu-west-1",
    "ticketing drill": "Take eu-west-1 out of service",
}
CHECKS = {
    "us-west-2": "Check that us-west-2 serves",
    "us-east-1": "Check that us-east-1 serves",
    "eu-west-1": "Check that eu-west-1 serves",
    "ap-southeast-1": "Check that ap-southeast-1 serves",
}


class Steps:
    """A copy of a sample runbook, whose steps can be removed, moved, and changed."""

    def __init__(self, folder: Path, runbook: str) -> None:
        application, name = runbook.split()
        self.path = folder / application / f"{name}.yaml"
        self.path.parent.mkdir()
        for file in ("application.yaml", f"{name}.yaml"):
            shutil.copy(RUNBOOKS_FOLDER / application / file, self.path.parent)

    def text(self, name: str) -> str:
        whole = self.path.read_text("utf-8")
        start = whole.index(f"  - name: {name}\n")
        return whole[start:].split("\n\n", 1)[0].rstrip("\n") + "\n"

    def replace(self, old: str, new: str) -> None:
        whole = self.path.read_text("utf-8")
        assert whole.count(old) == 1, old
        self.path.write_text(whole.replace(old, new), "utf-8")

    def remove(self, name: str) -> None:
        self.replace(self.text(name), "")

    def move_behind(self, name: str, other: str) -> None:
        text = self.text(name)
        self.remove(name)
        self.replace(self.text(other), self.text(other) + "\n" + text)

    def problems(self) -> list[DocumentProblem]:
        return list(validate_paths([self.path]).problems)

    def line(self, name: str) -> int:
        return self.path.read_text("utf-8").split(f"  - name: {name}\n")[0].count("\n") + 2


def check_of(runbook: str, steps: Steps) -> str:
    found = [name for name in CHECKS.values() if f"- name: {name}\n" in steps.path.read_text("utf-8")]
    assert len(found) == 1, runbook
    return found[0]


@pytest.mark.parametrize("runbook", MOVING)
def test_sample_has_no_problem(runbook: str, tmp_path: Path) -> None:
    assert Steps(tmp_path, runbook).problems() == []


@pytest.mark.parametrize("runbook", MOVING)
def test_move_without_check_is_rejected_at_the_move(runbook: str, tmp_path: Path) -> None:
    steps = Steps(tmp_path, runbook)
    steps.remove(check_of(runbook, steps))
    (problem,) = steps.problems()
    assert f'"{MOVING[runbook]}" sends users to' in problem.message
    assert "no step before it has checked" in problem.message
    assert problem.expected == "an api.transaction or http.check with from: target before it"
    assert problem.line == steps.line(MOVING[runbook])


@pytest.mark.parametrize("runbook", MOVING)
def test_check_after_the_move_is_rejected(runbook: str, tmp_path: Path) -> None:
    steps = Steps(tmp_path, runbook)
    check = check_of(runbook, steps)
    steps.move_behind(check, MOVING[runbook])
    (problem,) = steps.problems()
    assert "comes after it" in problem.message or "checks the Region that users are in" in problem.message


@pytest.mark.parametrize("runbook", ["website failover", "ticketing failover", "ticketing failback-weighted"])
def test_check_that_may_fail_or_asks_the_users_region_is_rejected(runbook: str, tmp_path: Path) -> None:
    steps = Steps(tmp_path, runbook)
    name = check_of(runbook, steps)
    text = steps.text(name)
    lenient = "".join(line for line in text.splitlines(keepends=True) if "on_failure" not in line)
    steps.replace(text, lenient + "    on_failure: continue\n")
    assert [f'the run continues when "{name}" fails' in p.message for p in steps.problems()] == [True]
    steps.replace(steps.text(name), text.replace("from: target", "from: public"))
    assert [f'"{name}" checks the Region that users are in' in p.message for p in steps.problems()] == [True]


@pytest.mark.parametrize("runbook", ["website failover", "website failback"])
def test_launched_servers_must_be_registered_before_the_move(runbook: str, tmp_path: Path) -> None:
    steps = Steps(tmp_path, runbook)
    steps.replace(
        "kind: alb.register\n    targets: [home-targets, catalogue-targets]",
        "kind: alb.register\n    targets: [home-targets]",
    )
    (problem,) = steps.problems()
    assert "registers the launched servers of catalogue-page with catalogue-targets" in problem.message
    assert problem.expected == "an alb.register with targets: [catalogue-targets] after the launch"
    steps.remove("Register with the load balancer")
    (problem,) = steps.problems()
    assert "with home-targets, catalogue-targets" in problem.message


def test_check_before_the_registration_is_rejected(tmp_path: Path) -> None:
    steps = Steps(tmp_path, "website failover")
    steps.move_behind("Register with the load balancer", "Check that us-west-2 serves")
    (problem,) = steps.problems()
    assert '"Check that us-west-2 serves" comes before "Register with the load balancer"' in problem.message


def fence_one_target_group(steps: Steps) -> None:
    text = steps.text("Fence us-west-2")
    steps.replace(text, text.replace("[home-targets, catalogue-targets]", "[home-targets]"))


def wait_without_fence(steps: Steps) -> None:
    text = steps.text("Wait until us-east-1 holds everything")
    steps.replace(text, "".join(line for line in text.splitlines(keepends=True) if "since:" not in line))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda steps: steps.remove("Fence us-west-2"), "no step before the launch fences home-targets"),
        (fence_one_target_group, "no step before the launch fences catalogue-targets"),
        (
            lambda steps: steps.move_behind("Fence us-west-2", "Wait until us-east-1 holds everything"),
            "no step after the fence waits for the copies",
        ),
        (wait_without_fence, "no step after the fence waits for the copies"),
    ],
)
def test_failback_must_fence_and_wait_before_the_launch(
    change: Callable[[Steps], None], message: str, tmp_path: Path
) -> None:
    steps = Steps(tmp_path, "website failback")
    change(steps)
    assert [message in problem.message for problem in steps.problems()] == [True]


def test_fence_after_the_move_is_rejected_at_the_fence(tmp_path: Path) -> None:
    steps = Steps(tmp_path, "ticketing failover")
    steps.move_behind("Fence writes in eu-west-1", "Take eu-west-1 out of service")
    (problem,) = steps.problems()
    assert 'fences eu-west-1 after "Take eu-west-1 out of service" has moved the users' in problem.message
    assert problem.line == steps.line("Fence writes in eu-west-1")


@pytest.mark.parametrize("name", ["failback", "failback-weighted", "failback-routing-control"])
def test_active_active_failback_must_wait_for_writes_but_fences_nothing(name: str, tmp_path: Path) -> None:
    steps = Steps(tmp_path, f"ticketing {name}")
    steps.remove("Wait until eu-west-1 holds everything")
    (problem,) = steps.problems()
    assert "what users wrote in ap-southeast-1 may be missing" in problem.message
    assert problem.expected == "a dynamodb.await_replication with in: target before it"


def test_runbook_without_moves_needs_no_check(tmp_path: Path) -> None:
    steps = Steps(tmp_path, "website failover")
    text = steps.path.read_text("utf-8")
    notify = steps.text("Tell the team")
    steps.path.write_text(text[: text.index("triggers:")] + "steps:\n" + notify, "utf-8")
    assert steps.problems() == []
