"""For each promise a bug is planted, in a runbook or in a handler, and a run with it tried as the sweep tries one: the
promise reports it.

The runbooks are as short as the bug needs. They are compiled, but not validated: most would be refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from leeward.common.aws.clients import client
from leeward.data.application_table import OWN_KEY_PREFIX
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.rehearsal.sweep.trials.trial import run_trial
from leeward.state_machines.asl import PassState, TaskState, WaitState
from leeward.state_machines.compile.runbook_compiler import CompiledRunbook
from tests.support.paths import REPOSITORY
from tests.support.website_session import EAST, WEST, compile_website, website_session

TICKETS = "ticketing-tickets"
Work = Callable[[dict[str, Any], Any], Any]
LOCK = "  - {name: Lock, kind: lock}\n"
TELL = "  - {name: Tell, kind: notify, message: hello}\n"
RECOVER = "  - {name: Recover, kind: drs.recover, groups: [database], timeout: 25m}\n"
WAIT = "  - {name: Wait, kind: wait, for: 20m}\n"
ROUTE = "  - {name: Route, kind: arc.route, component: traffic}\n"


def short_failover(*steps: str) -> Any:
    """The failover, with these steps alone."""

    def edit(text: str) -> str:
        head = text[: text.index("\nsteps:\n")]
        head = head[: head.index("\ntriggers:\n")] if "\ntriggers:\n" in head else head
        return head + "\nsteps:\n" + "".join(steps)

    return compile_website(runbook=edit)


@contextmanager
def with_bug(stage: RehearsalSession, task: str, bug: Callable[[Work], Work], region: str = WEST) -> Iterator[None]:
    """`bug` makes another handler of a task's own."""
    function = stage.engine.functions.find(task, region)
    stage.engine.functions.register(
        region,
        task,
        bug(function.handler),
        timeout_seconds=function.timeout_seconds,
        latency_seconds=function.latency_seconds,
        environment=function.environment,
    )
    yield


def problems_of_run(
    *steps: str,
    failed_region: str | None = None,
    task: str = "leeward-notify",
    bug: Callable[[Work], Work] = lambda work: work,
    ready: Any = None,
    change: Callable[[RehearsalSession], None] = lambda _stage: None,
) -> list[str]:
    """What the sweep says of a run with the bug in it."""
    ready = ready or short_failover(*steps)
    with website_session(ready=ready, failed_region=failed_region) as stage, with_bug(stage, task, bug):
        change(stage)
        stage.wait_until(stage.incident_at + timedelta(minutes=1))
        return run_trial(stage, ready)[0].problems


def invariant_names(problems: Sequence[str]) -> set[str]:
    return {problem.split(":")[0] for problem in problems}


def bug_that_first(act: Callable[[dict[str, Any]], object]) -> Callable[[Work], Work]:
    """A handler that first does what it should not."""

    def bug(work: Work) -> Work:
        def handler(event: dict[str, Any], context: Any) -> Any:
            act(event)
            return work(event, context)

        return handler

    return bug


def test_short_runbook_without_bug_breaks_no_invariant() -> None:
    assert invariant_names(problems_of_run(LOCK, TELL)) == set()


def test_missing_fence_breaks_single_writer() -> None:
    """A planned move of a website that is up: resolvers send some users to one Region and some to the other."""
    assert "single-writer" in invariant_names(problems_of_run(ready=compile_website()))


def test_routing_without_check_breaks_served() -> None:
    assert "served" in invariant_names(problems_of_run(LOCK, ROUTE))


def test_repeated_launch_breaks_exactly_once() -> None:
    def bug(work: Work) -> Work:
        def handler(event: dict[str, Any], context: Any) -> Any:
            answer = work(event, context)
            if answer["status"] == "done":
                drs = client("drs", WEST, allow_retries=False)
                servers = drs.describe_source_servers()["items"]
                database = next(s for s in servers if s["tags"].get("Role") == "database")
                drs.start_recovery(
                    sourceServers=[{"sourceServerID": database["sourceServerID"]}],
                    tags={"leeward:run": event["run"]["id"]},
                )
            return answer

        return handler

    assert "exactly-once" in invariant_names(problems_of_run(LOCK, RECOVER, WAIT, task="leeward-drs-recover", bug=bug))


def test_call_to_failed_region_breaks_static_stability() -> None:
    def ask(_event: dict[str, Any]) -> None:
        try:
            client("drs", EAST, allow_retries=False).describe_source_servers()
        except Exception:
            return

    assert "static-stability" in invariant_names(
        problems_of_run(LOCK, TELL, failed_region=EAST, bug=bug_that_first(ask))
    )


def test_false_done_breaks_truth() -> None:
    def bug(_work: Work) -> Work:
        def handler(event: dict[str, Any], _context: Any) -> Any:
            return {
                "status": "done",
                "detail": "recovered",
                "attempt": 1,
                "started_at": event["run"]["started_at"],
                "elapsed_seconds": 0,
                "wait_seconds": 0,
            }

        return handler

    assert "truth" in invariant_names(problems_of_run(LOCK, RECOVER, task="leeward-drs-recover", bug=bug))


def test_incomplete_failure_summary_breaks_truth() -> None:
    def bug(work: Work) -> Work:
        def handler(event: dict[str, Any], context: Any) -> Any:
            answer = work(event, context)
            answer["cause"] = "\n".join(line for line in answer["cause"].splitlines() if "Not done" not in line)
            return answer

        return handler

    check = "  - {name: Check, kind: http.check, from: target, timeout: 30s}\n"
    result = problems_of_run(LOCK, check, TELL, task="leeward-run-end", bug=bug)
    assert any(line.startswith("truth: failed, and does not say that 'Tell' was not done") for line in result)


def test_early_cleanup_breaks_protected() -> None:
    """StopReplication takes every point in time with it."""

    def stop(_event: dict[str, Any]) -> None:
        drs = client("drs", WEST)
        drs.stop_replication(sourceServerID=drs.describe_source_servers()["items"][0]["sourceServerID"])

    assert any("StopReplication" in line for line in problems_of_run(LOCK, TELL, bug=bug_that_first(stop)))


def test_unreported_instance_breaks_no_orphan() -> None:
    def launch(event: dict[str, Any]) -> None:
        drs = client("drs", WEST, allow_retries=False)
        server = drs.describe_source_servers()["items"][0]["sourceServerID"]
        tags = {"leeward:run": event["run"]["id"]}
        drs.start_recovery(sourceServers=[{"sourceServerID": server}], isDrill=True, tags=tags)

    assert "no-orphan" in invariant_names(problems_of_run(LOCK, TELL, WAIT, bug=bug_that_first(launch)))


def test_exceeded_quota_breaks_quota() -> None:
    """The account allows one job at a time, DRS does not stop the second here, and the runbook was made for twenty."""
    waves = "  - {name: Recover, kind: drs.recover, groups: [home-page, catalogue-page], timeout: 25m}\n"

    def fewer(stage: RehearsalSession) -> None:
        stage.quotas = replace(stage.quotas, concurrent_jobs=1)

    assert any(line.startswith("quota: 2 jobs in us-west-2") for line in problems_of_run(LOCK, waves, change=fewer))


def test_drill_deregistering_servers_breaks_drill_isolation() -> None:
    def deregister(_event: dict[str, Any]) -> None:
        elbv2 = client("elbv2", EAST)
        for group in elbv2.describe_target_groups()["TargetGroups"]:
            arn = group["TargetGroupArn"]
            health = elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
            elbv2.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": h["Target"]["Id"]} for h in health])

    assert "drill-isolation" in invariant_names(problems_of_run(LOCK, TELL, WAIT, bug=bug_that_first(deregister)))


def test_deleted_write_breaks_acknowledged() -> None:
    """In one Region, from which it is deleted in the other too."""

    def delete(event: dict[str, Any]) -> None:
        dynamodb = client("dynamodb", event["run"]["target"])
        keys = [key["AttributeName"] for key in dynamodb.describe_table(TableName=TICKETS)["Table"]["KeySchema"]]
        for item in dynamodb.scan(TableName=TICKETS)["Items"]:
            if not item[keys[0]]["S"].startswith(OWN_KEY_PREFIX):
                dynamodb.delete_item(TableName=TICKETS, Key={key: item[key] for key in keys})

    course = SweepTarget(REPOSITORY, "ticketing", "drill", 7)
    with (
        open_sweep_session(course) as (stage, ready),
        with_bug(stage, "leeward-notify", bug_that_first(delete), ready.compiled.run_regions.target),
    ):
        assert "acknowledged" in invariant_names(run_trial(stage, ready)[0].problems)


@dataclass(frozen=True, slots=True)
class OverlongMachine(CompiledRunbook):
    """What was deployed waits two hours more than what was compiled and checked."""

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


def test_overlong_wait_breaks_bounded() -> None:
    ready = short_failover(LOCK, TELL)
    made = ready.compiled
    endless = OverlongMachine(made.application, made.runbook, made.run_regions, made.machine, made.steps)
    assert "bounded" in invariant_names(problems_of_run(ready=replace(ready, compiled=endless)))
