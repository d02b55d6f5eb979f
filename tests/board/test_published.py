"""The board as its function writes it into S3: the journal's own figures, read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from leeward.board.model import Board
from leeward.board.told import Told
from leeward.common import durations, names
from leeward.common.table import Table
from leeward.control import findings, questions, register
from leeward.control.journal import Entry, Event, Journal, chain
from leeward.control.questions import Kind, Question
from leeward.control.run import RunRef
from leeward.evidence.of_journal import evidence_of
from leeward.readiness.findings import Expected, Readiness, failed, ok
from leeward.state_machines import boards
from leeward.state_machines.tree import RUNBOOKS, ready_runbooks
from leeward.twin.engine import Fault
from tests.evidence.journals import failover
from tests.lambdas.world import ACCOUNT, START, TARGET, World, open_world

TOLD = Told(
    name="shop", description="A shop", origin="us-east-1", target=TARGET, rto_objective_seconds=3600,
    rpo_objective_seconds=300, drills=("drill",), looked_at={TARGET: ("failover",)},
)  # fmt: skip
BUCKET = names.board_bucket("shop", ACCOUNT, TARGET)
EVENT = {"told": TOLD.model_dump(mode="json"), "bucket": BUCKET}
NASTY = "<script>alert(1)</script>\"'&" + "é🚨" * 100


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Three runs: one that moved the users, one that a person is asked by, and one that the other Region wrote."""
    with open_world() as made:
        made.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": TARGET})
        _write(made.table, "shop.failover.run-1", ended="succeeded")
        _write(made.table, "shop.failover.run-2", ended=None)
        _write(made.table, "shop.failback.run-3", ended="failed", target="us-east-1")
        question = Question(
            run="shop.failover.run-2", step="ask", attempt=1, kind=Kind.APPROVAL, token="t" * 300, message=NASTY,
            default="reject", asked_at=START,
        )  # fmt: skip
        questions.ask(made.table, question)
        lag = ok("replication.lag", "web-1", "x").model_copy(update={"seconds": 7.0})
        found = Readiness.of(
            [lag, failed("a.b", NASTY, NASTY, "mend")],
            application="shop", runbook="failover", region=TARGET, at=START,
            expected=Expected(seconds=1500, objective_seconds=3600, source="the median"),
        )  # fmt: skip
        findings.keep(made.table, "shop", "failover", START, found.model_dump_json())
        yield made


def _write(table: Table, run: str, *, ended: str | None, target: str = TARGET) -> None:
    """The journal of a run, and its line in the register; one without an end stops where a person is asked."""
    links = failover() if ended == "succeeded" else failover(failed=1) if ended else failover()[:6]
    for link in links:
        facts = json.loads(json.dumps(dict(link.facts)).replace("shop.failover.run-1", run))
        entry = Entry(link.at, Event(link.event), link.detail, link.step, link.attempt, facts)
        Journal(table, run, f"request-{link.seq}").write(entry)
    runbook = run.split(".")[1]
    ref = RunRef(
        id=run, application="shop", runbook=runbook, origin="us-east-1", target=target, started_at=START
    )  # fmt: skip
    register.enter(table, ref, "arn:x")
    if ended:
        register.close(table, ref, "arn:x", ended_at=START + timedelta(minutes=20), outcome=ended)


def published(world: World) -> dict[str, Any]:
    return dict(world.call("board", EVENT))


def read(world: World, key: str) -> Any:
    return world.client("s3").get_object(Bucket=BUCKET, Key=key)


def test_the_figures_read_back_are_the_journals(world: World) -> None:
    assert published(world) == {"bucket": BUCKET, "keys": ["shop.html", "board.json", "index.html"]}
    (page,) = Board.model_validate_json(read(world, "board.json")["Body"].read()).applications
    assert {run.run for run in page.runs} == {
        "shop.failover.run-1", "shop.failover.run-2", "shop.failback.run-3",
    }, "what the other Region wrote has come here too"  # fmt: skip
    for run in page.runs:
        journal = evidence_of(run.run, chain(world.table, run.run))
        assert (run.rto_seconds, run.rpo_seconds) == (journal.rto.measured_seconds, journal.rpo.measured_seconds)
        assert (run.outcome, run.passed, run.started_at) == (journal.outcome, journal.passed, journal.started_at)
    assert page.timed[-1].rto_seconds is not None
    html = read(world, "shop.html")["Body"].read().decode()
    assert f"the last took {durations.show(round(page.timed[-1].rto_seconds))}" in html
    assert (page.status, page.rpo_now_seconds) == ("not ready", 7)
    assert [question.run for question in page.questions] == ["shop.failover.run-2"]


def test_a_browser_is_told_what_it_is_and_to_ask_again(world: World) -> None:
    published(world)
    answer = read(world, "index.html")
    assert (answer["ContentType"], answer["CacheControl"]) == ("text/html; charset=utf-8", "no-cache")
    assert b'href="shop.html"' in answer["Body"].read()


def test_nothing_hostile_and_no_token_is_published(world: World) -> None:
    published(world)
    for key in ("index.html", "shop.html"):
        html = read(world, key)["Body"].read().decode()
        assert "<script" not in html
        assert "t" * 300 not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(("fault", "error"), [(Fault.DENIED, "AccessDenied"), (Fault.REFUSED, "ServiceUnavailable")])
def test_what_can_not_be_written_is_told_by_name(world: World, fault: Fault, error: str) -> None:
    rule = world.engine.wire.fail("s3:PutObject", fault, times=None)
    with pytest.raises(Exception, match=f"{error}: s3:PutObject"):
        published(world)
    world.engine.wire._rules.remove(rule)


def test_what_the_documents_say_is_what_the_function_is_handed() -> None:
    """For each application that is committed, in the Region where readiness looks."""
    every = ready_runbooks(RUNBOOKS)
    for name, region in (("website", "us-west-2"), ("ticketing", "ap-southeast-1")):
        own = [ready for ready in every if ready.application.application == name]
        event = boards.event(own, region)
        told = Told.model_validate(event["told"])
        assert (told.name, told.target, event["bucket"]) == (name, region, f"leeward-{name}-board-{ACCOUNT}-{region}")
        assert "drill" in told.drills
        assert told.looked_at[region]
