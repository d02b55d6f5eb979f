"""Several runs of one application at once, from one Region or two, with a Region dark or back again: the lock holds.

The rule is docs/adr/0008.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest

from leeward.common import names
from leeward.common.table import Table
from leeward.control.lock import holder
from leeward.control.lock_items import guard_of, items
from leeward.control.questions import open_questions
from leeward.twin.evidence import report
from leeward.twin.report import Outcome, StepStatus
from leeward.twin.run import Run
from leeward.twin.stage import Stage
from leeward.twin.world.documents import Operator
from tests.rehearsals.drills import EAST, WEST, broken, jobs_started, website, website_stage

FAILBACK = website(name="failback")
# A failback that has nothing to come back from asks what to do, and waits.
NOBODY = Operator(failure="silence", approval="silence")
TABLE_PK = "LOCK#website"


def wait(stage: Stage, minutes: float) -> None:
    stage.wait_until(stage.engine.clock.now() + timedelta(minutes=minutes))


def status(stage: Stage, run: Run) -> str:
    client = stage.engine.client("stepfunctions", run.way.target)
    return str(client.describe_execution(executionArn=run.execution)["status"])


def stop(stage: Stage, run: Run) -> None:
    client = stage.engine.client("stepfunctions", run.way.target)
    client.stop_execution(executionArn=run.execution, error="Operator", cause="stopped by hand")
    assert stage.finish(run).status == "ABORTED"


def one_goes_on(stage: Stage, runs: Sequence[Run]) -> Run:
    """Of runs started at once, one goes on, and every other is told which."""
    wait(stage, 2)
    going = [run for run in runs if status(stage, run) == "RUNNING"]
    assert len(going) == 1, [status(stage, run) for run in runs]
    for run in runs:
        if run is not going[0]:
            ended = stage.finish(run)
            assert (ended.status, ended.error) == ("FAILED", "LockHeld")
            assert going[0].id in (ended.cause or "")
    return going[0]


@pytest.mark.parametrize("first", ["failover", "failback"])
def test_a_failover_and_a_failback_from_different_regions(first: str) -> None:
    with website_stage(dark=None, also=[FAILBACK], operator=NOBODY) as stage:
        second = "failback" if first == "failover" else "failover"
        runs = [stage.start(f"by-{name}", {}, runbook=name) for name in (first, second)]
        going = one_goes_on(stage, runs)
        held = stage.books.lock_holder()
        assert held is not None
        assert held.run == going.id


def test_two_failbacks() -> None:
    with website_stage(dark=None, also=[FAILBACK], operator=NOBODY) as stage:
        one_goes_on(stage, [stage.start(name, {}, runbook="failback") for name in ("a", "b")])


def test_an_alarm_and_a_person_at_the_same_time() -> None:
    """Under one name they are one run; under two the lock decides."""
    with website_stage(dark=None) as stage:
        alarm, again, person = (stage.start(name, {}) for name in ("alarm-1", "alarm-1", "by-hand"))
        assert alarm.execution == again.execution
        one_goes_on(stage, [alarm, person])


def test_a_drill_in_the_middle_of_a_failover() -> None:
    with website_stage(also=[website(name="drill")]) as stage:
        stage.wait_until(stage.incident_at)
        failover = stage.start("failover", {"approve": True})
        wait(stage, 3)
        drill = stage.finish(stage.start("drill", {}, runbook="drill"))
        assert (drill.status, drill.error) == ("FAILED", "LockHeld")
        assert failover.id in (drill.cause or "")
        assert status(stage, failover) == "RUNNING"


def test_an_operators_abort_at_every_step() -> None:
    """Each run is stopped as it enters a step, and the next takes over from it; the last one arrives."""
    with website_stage() as stage:
        stage.wait_until(stage.incident_at + timedelta(minutes=2))
        given: dict[str, object] = {"incident_at": stage.incident_at.isoformat(), "approve": True}
        for number, step in enumerate(stage.main.runbook.steps):
            run = stage.start(f"run-{number}", given)
            while next(s for s in run.progress.steps if s.name == step.name).status is StepStatus.NOT_REACHED:
                assert status(stage, run) == "RUNNING", stage.finish(run).cause
                stage.engine.clock.sleep(1)
            stop(stage, run)
            wait(stage, 1)  # a function that was under way comes to its end
            result = report(stage, run, stage.finish(run), "")
            assert result.outcome is Outcome.ABORTED
            assert broken(result) == [], step.name
            held = stage.books.lock_holder()
            if held is not None:
                assert held.run == run.id
                given |= {"take_over": run.id}
        last = stage.start("last", given)
        ended = stage.finish(last)
        assert ended.status == "SUCCEEDED", ended.cause
        assert jobs_started(stage) == 3
        stage.settle(lambda: False, timedelta(minutes=2))
        assert broken(report(stage, last, ended, "")) == []


def test_the_region_that_keeps_the_lock_is_dark() -> None:
    """Nobody knows who holds it: the run stops, with nothing done, and says how to go on."""
    with website_stage(dark=WEST, also=[FAILBACK], operator=NOBODY) as stage:
        stage.wait_until(stage.incident_at + timedelta(minutes=1))
        ended = stage.finish(stage.start("back", {}, runbook="failback"))
        assert (ended.status, ended.error) == ("FAILED", "LockUnknown")
        assert '{"waive_lock": "us-west-2"}' in (ended.cause or "")
        waived = stage.start("again", {"waive_lock": WEST}, runbook="failback")
        wait(stage, 3)
        events = [str(entry.event) for entry in stage.books.journal(waived)]
        assert "lock.waived" in events
        third = stage.finish(stage.start("third", {"waive_lock": WEST}, runbook="failback"))
        assert third.error == "LockHeld", "the guard keeps those apart that enter the same Region"


def test_a_region_that_is_not_dark_is_not_waived() -> None:
    with website_stage(dark=None, also=[FAILBACK], operator=NOBODY) as stage:
        failover = stage.start("there", {})
        wait(stage, 1)
        ended = stage.finish(stage.start("back", {"waive_lock": WEST}, runbook="failback"))
        assert ended.error == "LockHeld"
        assert failover.id in (ended.cause or "")


def test_the_region_of_a_running_failback_goes_dark_and_returns() -> None:
    """Its lock is taken over by name, after one question to the dark Region; when that returns, the old run stops."""
    with website_stage(dark=None, also=[FAILBACK], operator=NOBODY) as stage:
        old = stage.start("old", {}, runbook="failback")
        wait(stage, 2)
        stage.engine.wire.darken(EAST, stage.engine.clock.now())
        assert status(stage, old) == "RUNNING"
        refused = stage.finish(stage.start("new", {}))
        assert refused.error == "LockHeld"
        new = stage.start("newer", {"take_over": old.id, "approve": True})
        wait(stage, 2)
        held = stage.books.lock_holder()
        assert held is not None
        assert (held.run, held.taken_from) == (new.id, old.id)
        asked = [c for c in stage.engine.wire.calls if c.outcome == "dark" and c.caller == "leeward-lock-acquire"]
        assert [c.operation for c in asked] == ["stepfunctions:DescribeExecution"]

        stage.engine.wire.lighten(EAST)
        replicate_the_lock(stage)
        say_retry(stage, old)
        ended = stage.finish(old)
        assert ended.status == "FAILED"
        assert "LockLost" in f"{ended.error} {ended.cause}"
        assert status(stage, new) == "RUNNING"
        held = stage.books.lock_holder()
        assert held is not None
        assert held.run == new.id, "the old run leaves the lock alone"
        east = table(stage, EAST)
        assert guard_of(EAST) not in items(east, "website"), "and lets its own guard go"


def say_retry(stage: Stage, run: Run) -> None:
    """Somebody answers the question at which the run waits, and knows of nothing."""
    (question,) = open_questions(table(stage, run.way.target), run.id)
    answer = json.dumps({"decision": "retry", "by": "somebody", "reason": "it is back"})
    stage.engine.client("stepfunctions", run.way.target).send_task_success(taskToken=question.token, output=answer)


def replicate_the_lock(stage: Stage) -> None:
    """What the global table does within about a second."""
    name = table(stage, WEST).name
    key = {"pk": {"S": TABLE_PK}, "sk": {"S": "LOCK"}}
    item = stage.engine.client("dynamodb", WEST).get_item(TableName=name, Key=key)["Item"]
    stage.engine.client("dynamodb", EAST).put_item(TableName=name, Item=item)


def table(stage: Stage, region: str) -> Table:
    return Table(stage.engine.client("dynamodb", region), names.table("website"))


def test_the_lock_is_read_where_it_is_kept() -> None:
    with website_stage(dark=None, also=[FAILBACK], operator=NOBODY) as stage:
        run = stage.start("back", {}, runbook="failback")
        wait(stage, 1)
        held = holder(table(stage, WEST), "website")
        assert held is not None
        assert held.run == run.id
        guard = items(table(stage, EAST), "website")[guard_of(EAST)]
        assert (guard.run, guard.locked) == (run.id, True)
