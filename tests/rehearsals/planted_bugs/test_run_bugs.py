"""Bugs in the run itself and its reports: truth, bounded, static-stability, and acknowledged find them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError

from leeward.common.aws.clients import client
from leeward.common.claims.types.server_claims import Launched
from leeward.common.polling import PollResult
from leeward.data.application_table import OWN_KEY_PREFIX
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.lambdas.shared.group_recovery_task import RecoverParameters
from leeward.state_machines.asl import PassState, TaskState, WaitState
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.compile.runbook_compiler import CompiledRunbook
from tests.support.planted_bugs import (
    LOCK,
    TELL,
    Work,
    bug_that_first,
    bug_that_replaces,
    short_failover,
    short_run_violations,
    violations_in_committed,
    violations_in_website,
)
from tests.support.website_session import EAST, compile_website, replace_text

TABLE = "ticketing-tickets"


@task(WaitingEvent[RecoverParameters])
def claim_without_launching(event: WaitingEvent[RecoverParameters], _context: TaskContext) -> PollResult:
    """Journal that the groups were launched, and launch nothing."""
    groups = [group for wave in event.parameters.waves for group in wave]
    return PollResult.reached(*(Launched(group=g.name, region=event.parameters.region, servers=()) for g in groups))


def test_claimed_launches_in_committed_drill_break_truth() -> None:
    bug = bug_that_replaces(claim_without_launching)
    assert "truth" in violations_in_committed("website", "drill", "drs-recover", bug)


def test_failure_without_cause_breaks_truth() -> None:
    def bug(work: Work) -> Work:
        return lambda event, context: {**work(event, context), "cause": ""}

    check = "  - {name: Check, kind: http.check, from: target, timeout: 30s}\n"
    assert "truth" in short_run_violations(LOCK, check, TELL, task="run-end", bug=bug)


def call_origin(_event: dict[str, Any]) -> None:
    try:
        client("drs", EAST, allow_retries=False).describe_source_servers()
    except BotoCoreError:
        return


def test_call_to_failed_region_breaks_static_stability() -> None:
    found = short_run_violations(LOCK, TELL, bug=bug_that_first(call_origin), failed_region=EAST)
    assert "static-stability" in found


@pytest.mark.verify("a complete failover")
def test_call_to_origin_in_committed_failover_breaks_static_stability() -> None:
    bug = bug_that_first(call_origin)
    assert "static-stability" in violations_in_committed("website", "failover", "drs-protect", bug)


def change_items(change: Callable[[Any, dict[str, Any]], object]) -> Callable[[dict[str, Any]], None]:
    """Return a bug's act that changes each item that clients wrote, in one Region. The other one follows."""

    def act(event: dict[str, Any]) -> None:
        dynamodb = client("dynamodb", event["run"]["target"])
        items = [i for i in dynamodb.scan(TableName=TABLE)["Items"] if not i["id"]["S"].startswith(OWN_KEY_PREFIX)]
        assert items
        for item in items:
            change(dynamodb, item)

    return act


def test_deleted_writes_in_committed_drill_break_acknowledged() -> None:
    act = change_items(lambda dynamodb, item: dynamodb.delete_item(TableName=TABLE, Key={"id": item["id"]}))
    assert "acknowledged" in violations_in_committed("ticketing", "drill", "notify", bug_that_first(act))


@pytest.mark.verify("a complete failover")
def test_emptied_items_in_committed_failover_break_acknowledged() -> None:
    act = change_items(lambda dynamodb, item: dynamodb.put_item(TableName=TABLE, Item={"id": item["id"]}))
    assert "acknowledged" in violations_in_committed("ticketing", "failover", "notify", bug_that_first(act))


@pytest.mark.verify("a complete failover, with four hours of clients")
def test_long_wait_in_committed_failover_breaks_bounded() -> None:
    """The compiler includes the wait in TimeoutSeconds and in the longest path. The document's timeout is 3 hours."""
    wait = "  - {name: Wait, kind: wait, for: 4h}\n"
    edit = replace_text("  - name: Protect the recovered servers\n", f"{wait}  - name: Protect the recovered servers\n")
    assert "bounded" in violations_in_website(compile_website(edit), failed_region=EAST)


@pytest.mark.verify("half a day of clients")
def test_poll_that_never_ends_in_committed_drill_breaks_bounded() -> None:
    """A poll asks for so long a wait that Step Functions ends the run at its TimeoutSeconds."""

    def wait_on(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        started_at = event["run"]["started_at"]
        return {
            "status": "waiting", "detail": "", "attempt": 1, "started_at": started_at, "elapsed_seconds": 0,
            "wait_seconds": 1_000_000,
        }  # fmt: skip

    assert "bounded" in violations_in_committed("website", "drill", "drs-recover", bug_that_replaces(wait_on))


@dataclass(frozen=True, slots=True)
class OverlongMachine(CompiledRunbook):
    """The deployed machine has a wait of two hours that the reviewed machine lacks."""

    @property
    def text(self) -> str:
        states = dict(self.machine.states)
        first = self.machine.start_at
        states[first] = (
            replace(begin, next="Two hours") if isinstance(begin := states[first], TaskState) else PassState({}, None)
        )
        states["Two hours"] = WaitState(7_200, "Lock")
        machine = replace(self.machine, states=states, timeout_seconds=2_000_000)
        return json.dumps(machine.to_json())


def test_wait_that_reviewed_machine_lacks_breaks_bounded() -> None:
    ready: BuiltRunbook = short_failover(LOCK, TELL)
    made = ready.compiled
    overlong = OverlongMachine(made.application, made.runbook, made.run_regions, made.machine, made.steps)
    assert "bounded" in violations_in_website(replace(ready, compiled=overlong))


def test_short_runbook_without_bug_breaks_no_invariant() -> None:
    assert short_run_violations(LOCK, TELL) == set()


def test_committed_website_drill_without_bug_breaks_no_invariant() -> None:
    assert violations_in_committed("website", "drill") == set()


@pytest.mark.verify("a complete ticketing drill")
def test_committed_ticketing_drill_without_bug_breaks_no_invariant() -> None:
    assert violations_in_committed("ticketing", "drill") == set()
