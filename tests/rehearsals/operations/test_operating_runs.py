"""Runs operated as a new user would, by the command, on a served twin: the rows of docs/operations.md."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from leeward.cli.connection.connection_options import DEFAULT_TWIN_URL, expand_twin_flag
from leeward.cli.main import main
from leeward.cli.project.shell_completion import complete_runs, complete_waiting
from tests.rehearsals.operations.conftest import Leeward
from tests.support.served_twin import ServedTwin


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedTwin]:
    """A calm world on which virtual time passes five times as fast as the real one."""
    made = ServedTwin("--json", "--pace", "5", lines=1, log=tmp_path_factory.mktemp("server") / "stderr")
    yield made
    made.close()


def started(host: ServedTwin, leeward: Leeward, name: str) -> str:
    """The ID of a run that has been started and asks for approval."""
    code, output = leeward("start", "website", "failover", "--name", name, "--reason", "a drill")
    assert code == 0, output
    assert "Not signed" not in output
    host.advance(30)
    return f"website.failover.{name}"


def test_rejected_run_stops_and_asks_again_when_resumed(host: ServedTwin, leeward: Leeward) -> None:
    run = started(host, leeward, "no")
    code, output = leeward("status", "website")
    assert (code, "waiting for an answer until" in output, "default: reject" in output) == (1, True, True), output
    for figure in (
        "Lag at",
        "Lost: writes of up to",
        "Takes: not known",
        "Will be done: Recover the servers",
    ):
        assert figure in output
    assert "leeward approve website.failover.no" in output
    assert complete_waiting("website.failover.no") == [run]
    code, output = leeward("retry", "failover.no", "--reason", "x")
    assert (code, "is not an answer to the question" in output) == (2, True)
    code, output = leeward("reject", "failover.no", "--reason", "not today", who="bob")
    assert (code, "reject by arn:aws:iam::111122223333:user/bob" in output) == (0, True), output
    host.advance(30)
    code, output = leeward("watch", run, "--once")
    assert (code, "FAILED, Rejected" in output, "user/bob rejected: not today" in output) == (1, True, True), output
    code, output = leeward("approve", run, "--reason", "after all", who="bob")
    assert (code, "ended at" in output) == (1, True), output
    code, output = leeward("resume", run)
    assert (code, "resumed (" in output) == (0, True), output
    host.advance(30)
    assert "waiting for an answer until" in leeward("status", "website")[1]
    host.advance(1000)
    code, output = leeward("watch", run, "--once", "--json")
    assert (code, json.loads(output)["error"]) == (1, "Rejected")


def test_approved_run_survives_stop_and_resume(host: ServedTwin, leeward: Leeward) -> None:
    run = started(host, leeward, "yes")
    code, output = leeward("approve", "failover.yes", "--reason", "looked", who="bob")
    assert (code, "approve by arn:aws:iam::111122223333:user/bob" in output) == (0, True), output
    code, output = leeward("approve", "failover.yes", "--reason", "looked", who="bob")
    assert (code, "already answered, approve by" in output) == (1, True), output
    host.advance(300)
    code, output = leeward("resume", run)
    assert (code, "is still running" in output) == (1, True)
    code, output = leeward("abort", run, "--stop", "--reason", "the wrong Region")
    assert (code, "keeps the lock of website" in output) == (0, True), output
    code, output = leeward("status", "website", "--json")
    (document,) = json.loads(output)
    assert (code, document["runs"][0]["status"], document["runs"][0]["resumable"]) == (0, "ABORTED", True)
    code, output = leeward("abort", run, "--stop", "--reason", "again")
    assert (code, "is not running" in output) == (1, True)
    assert leeward("resume", run)[0] == 0
    host.advance(4000)
    code, output = leeward("watch", run, "--once")
    assert (code, "SUCCEEDED" in output, "FAILED" in output) == (0, True, False), output
    code, output = leeward("resume", run)
    assert (code, "SUCCEEDED and cannot be redriven" in output) == (1, True), output
    code, output = leeward("history", "website", "--json")
    assert [r["redrives"] for r in json.loads(output)["runs"] if r["run"] == run] == [1]
    assert run in complete_runs("website.")


def test_failed_check_accepts_only_valid_answer(host: ServedTwin, leeward: Leeward) -> None:
    run = started(host, leeward, "again")  # what the last run launched stands in its way, and the preflight asks
    host.advance(10)
    code, output = leeward("status", "website")
    assert (code, "NotReady" in output, f"leeward skip {run}" in output) == (1, True, True), output
    code, output = leeward("approve", run, "--reason", "x")
    assert (code, "is not an answer to the question" in output) == (2, True), output
    assert leeward("retry", run, "--reason", "look once more", who="bob")[0] == 0
    host.advance(10)
    code, output = leeward("abort", run, "--reason", "not while they run", who="bob")
    assert (code, "abort by arn:aws:iam::111122223333:user/bob" in output) == (0, True), output
    host.advance(10)
    code, output = leeward("watch", run, "--once")
    assert (code, "FAILED, NotReady" in output, "Lock: released" in output) == (1, True, True), output


def test_status_reports_unavailable_region_as_unknown(host: ServedTwin, leeward: Leeward) -> None:
    assert host.post("incident", {"dark": "us-east-1"}).status == 200
    try:
        code, output = leeward("status", "website")
        assert (code, "us-east-1: unknown" in output) == (0, True), output
        assert leeward("history", "website", "--region", "us-west-2")[0] == 0
        code, output = leeward("history", "website", "--region", "us-east-1")
        assert (code, "us-east-1: unknown" in output) == (69, True)
    finally:
        host.post("incident", {"light": "us-east-1"})


@pytest.mark.parametrize(
    ("args", "code", "output"),
    [
        (("approve", "nobody", "--reason", "x"), 2, "no run matches 'nobody'"),
        (("status", "webiste"), 2, "Did you mean website?"),
        (("status", "website", "--region", "eu-north-1"), 2, "website uses us-west-2 and us-east-1"),
        (("start", "website", "failover", "--input", '{"skp": []}'), 2, "did you mean 'skip'"),
        (("approve", "x"), 2, "Missing option '--reason'"),
    ],
)
def test_misused_command_names_fix(leeward: Leeward, args: tuple[str, ...], code: int, output: str) -> None:
    found, said = leeward(*args)
    assert (found, output in said) == (code, True), said


def test_ambiguous_run_id_suffix_lists_both_runs(leeward: Leeward) -> None:
    for name in ("a-same", "b-same"):
        leeward("start", "website", "drill", "--name", name)
    code, output = leeward("watch", "same", "--once")
    assert (code, "website.drill.a-same website.drill.b-same" in output or "b-same website.drill.a-same" in output) == (
        2,
        True,
    )


def test_unreachable_twin_is_reported(cache: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "website", "--twin", "http://127.0.0.1:9"]) == 69
    assert "us-west-2: unknown" in capsys.readouterr().out


def test_commands_without_credentials_do_not_call_aws(
    cache: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    nothing: dict[str, Any] = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    for name, value in {**nothing, "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)
    assert main(["status", "website"]) == 77
    assert "no AWS credentials were found" in " ".join(capsys.readouterr().err.split())
    assert main(["status", "website", "--profile", "nobody"]) == 77


def test_twin_option_without_url_uses_default() -> None:
    assert expand_twin_flag(["status", "--twin"]) == ["status", f"--twin={DEFAULT_TWIN_URL}"]
    assert expand_twin_flag(["status", "--twin", "http://x", "--json"]) == ["status", "--twin", "http://x", "--json"]
    assert expand_twin_flag(["status", "--twin", "--json"]) == ["status", f"--twin={DEFAULT_TWIN_URL}", "--json"]
