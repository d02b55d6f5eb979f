"""The board as its function writes it into S3: the journal's own figures, read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from leeward.base import durations
from leeward.board.application_summary import ApplicationSummary
from leeward.board.model import Board
from leeward.common.aws.tables.state_table import StateTable
from leeward.common.naming import resource_names
from leeward.control.approvals import questions
from leeward.control.approvals.questions import Question, QuestionKind
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent, read_chain
from leeward.control.run import run_index
from leeward.control.run.run_reference import RunRef
from leeward.evidence.from_journal.evidence_builder import build_evidence
from leeward.readiness import report_store
from leeward.readiness.model.findings import ExpectedDuration, ReadinessReport, failed, ok
from leeward.state_machines.build import build_runbooks
from leeward.state_machines.deployment import board_event
from leeward.twin.engine import FaultKind
from tests.support.paths import RUNBOOKS_FOLDER
from tests.support.sample_journals import failover
from tests.support.task_world import ACCOUNT, START, TARGET, TaskWorld, open_task_world

SUMMARY = ApplicationSummary(
    name="shop", description="A shop", origin="us-east-1", target=TARGET, rto_objective_seconds=3600,
    rpo_objective_seconds=300, drills=("drill",), looked_at={TARGET: ("failover",)},
)  # fmt: skip
BUCKET = resource_names.board_bucket_name("shop", ACCOUNT, TARGET)
EVENT = {"told": SUMMARY.model_dump(mode="json"), "bucket": BUCKET}
HOSTILE_TEXT = "<script>alert(1)</script>\"'&" + "é🚨" * 100


@pytest.fixture(scope="module")
def world() -> Iterator[TaskWorld]:
    """Three runs: one that moved the users, one that a person is asked by, and one that the other Region wrote."""
    with open_task_world() as made:
        made.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": TARGET})
        _write_run(made.table, "shop.failover.run-1", ended="succeeded")
        _write_run(made.table, "shop.failover.run-2", ended=None)
        _write_run(made.table, "shop.failback.run-3", ended="failed", target="us-east-1")
        question = Question(
            run="shop.failover.run-2", step="ask", attempt=1, kind=QuestionKind.APPROVAL,
            token="t" * 300, message=HOSTILE_TEXT,
            default="reject", asked_at=START,
        )  # fmt: skip
        questions.ask_question(made.table, question)
        facts = {"purpose": "question", "subject": "approval required", "body": "?", "error": "sns:Publish: down"}
        unsent = JournalEntry(START + timedelta(minutes=9), JournalEvent.MESSAGE_UNSENT, "not sent", "ask", 1, facts)
        Journal(made.table, "shop.failover.run-2", "request-unsent").write(unsent)
        lag = ok("replication.lag", "web-1", "x").model_copy(update={"seconds": 7.0})
        found = ReadinessReport.from_findings(
            [lag, failed("a.b", HOSTILE_TEXT, HOSTILE_TEXT, "mend")],
            application="shop", runbook="failover", region=TARGET, at=START,
            expected=ExpectedDuration(seconds=1500, objective_seconds=3600, source="the median"),
        )  # fmt: skip
        report_store.store_report(made.table, "shop", "failover", START, found.model_dump_json())
        yield made


def _write_run(table: StateTable, run: str, *, ended: str | None, target: str = TARGET) -> None:
    """The journal of a run, and its line in the register; one without an end stops where a person is asked."""
    links = failover() if ended == "succeeded" else failover(failed=1) if ended else failover()[:6]
    for link in links:
        facts = json.loads(json.dumps(dict(link.facts)).replace("shop.failover.run-1", run))
        entry = JournalEntry(link.at, JournalEvent(link.event), link.detail, link.step, link.attempt, facts)
        Journal(table, run, f"request-{link.seq}").write(entry)
    runbook = run.split(".")[1]
    ref = RunRef(
        id=run, application="shop", runbook=runbook, origin="us-east-1", target=target, started_at=START
    )  # fmt: skip
    run_index.add_run(table, ref, "arn:x")
    if ended:
        run_index.close_run(table, ref, "arn:x", ended_at=START + timedelta(minutes=20), outcome=ended)


def publish(world: TaskWorld) -> dict[str, Any]:
    return dict(world.call("board", EVENT))


def read_object(world: TaskWorld, key: str) -> Any:
    return world.client("s3").get_object(Bucket=BUCKET, Key=key)


def test_published_figures_match_journal(world: TaskWorld) -> None:
    assert publish(world) == {"bucket": BUCKET, "keys": ["shop.html", "board.json", "index.html"]}
    (page,) = Board.model_validate_json(read_object(world, "board.json")["Body"].read()).applications
    assert {run.run for run in page.runs} == {
        "shop.failover.run-1", "shop.failover.run-2", "shop.failback.run-3",
    }, "what the other Region wrote has come here too"  # fmt: skip
    for run in page.runs:
        journal = build_evidence(run.run, read_chain(world.table, run.run))
        assert (run.rto_seconds, run.rpo_seconds) == (journal.rto.measured_seconds, journal.rpo.measured_seconds)
        assert (run.outcome, run.passed, run.started_at) == (journal.outcome, journal.passed, journal.started_at)
    assert page.timed_runs[-1].rto_seconds is not None
    html = read_object(world, "shop.html")["Body"].read().decode()
    assert f"the last took {durations.format_duration(round(page.timed_runs[-1].rto_seconds))}" in html
    assert (page.status, page.current_rpo_seconds) == ("not ready", 7)
    assert [question.run for question in page.questions] == ["shop.failover.run-2"]
    assert [question.unsent for question in page.questions] == ["sns:Publish: down"]


def test_published_pages_set_html_type_and_no_cache(world: TaskWorld) -> None:
    publish(world)
    answer = read_object(world, "index.html")
    assert (answer["ContentType"], answer["CacheControl"]) == ("text/html; charset=utf-8", "no-cache")
    assert b'href="shop.html"' in answer["Body"].read()


def test_published_pages_escape_names_and_omit_task_tokens(world: TaskWorld) -> None:
    publish(world)
    for key in ("index.html", "shop.html"):
        html = read_object(world, key)["Body"].read().decode()
        assert "<script" not in html
        assert "t" * 300 not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("fault", "error"),
    [(FaultKind.ACCESS_DENIED, "AccessDenied"), (FaultKind.CONNECTION_REFUSED, "ServiceUnavailable")],
)
def test_failed_upload_raises_named_error(world: TaskWorld, fault: FaultKind, error: str) -> None:
    rule = world.engine.interceptor.inject_fault("s3:PutObject", fault, times=None)
    with pytest.raises(Exception, match=f"{error}: s3:PutObject"):
        publish(world)
    world.engine.interceptor._fault_rules.remove(rule)


def test_event_of_each_committed_application_names_its_board() -> None:
    """For each application that is committed, in the Region where readiness looks."""
    every = build_runbooks(RUNBOOKS_FOLDER)
    for name, region in (("website", "us-west-2"), ("ticketing", "ap-southeast-1")):
        own = [ready for ready in every if ready.application.application == name]
        event = board_event.build_event(own, region)
        output = ApplicationSummary.model_validate(event["told"])
        assert (output.name, output.target, event["bucket"]) == (
            name,
            region,
            f"leeward-{name}-board-{ACCOUNT}-{region}",
        )
        assert "drill" in output.drills
        assert output.looked_at[region]
