"""Documents, evidence, bundles, and journals that release 0.1 wrote still load and verify."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from leeward.cli.main import main
from leeward.common.aws.clients import cached_client
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.evidence.from_journal.evidence_builder import build_evidence
from leeward.rehearsal.results.result_models import RehearsalResult, RunStepStatus
from leeward.rehearsal.results.step_progress import StepProgress
from leeward.state_machines.build import build_runbook, build_runbooks

WRITTEN = Path(__file__).with_name("written_by_0_1")
BUNDLE, PUBLIC_KEY = str(WRITTEN / "website-drill.leeward.zip"), str(WRITTEN / "audit.pub")
EVIDENCE = "website-drill-calm-7.evidence.json"
RUN, RUN_IN_TABLE = "website.drill.rehearsal", "website.drill.20261129-054651"


def read(name: str) -> Any:
    return json.loads(gzip.decompress((WRITTEN / f"{name}.gz").read_bytes()))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the documents of 0.1 and one rehearsal that 0.1 kept."""
    shutil.copytree(WRITTEN / "runbooks", tmp_path / "runbooks")
    kept = tmp_path / "build" / "rehearsals" / EVIDENCE
    kept.parent.mkdir(parents=True)
    kept.write_bytes(gzip.decompress((WRITTEN / f"{EVIDENCE}.gz").read_bytes()))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def assert_keeps(new: Any, old: Any, where: str = "") -> None:
    """Every value of `old` is in `new`; `new` may say more."""
    if isinstance(old, dict):
        for name, value in old.items():
            assert name in new, f"{where}.{name}"
            assert_keeps(new[name], value, f"{where}.{name}")
    elif isinstance(old, list):
        assert len(new) == len(old), where
        for number, value in enumerate(old):
            assert_keeps(new[number], value, f"{where}[{number}]")
    else:
        assert new == old, where


def test_documents_are_valid_and_compile(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 0, capsys.readouterr().out
    assert {ready.application.application for ready in build_runbooks(project / "runbooks")} == {"ticketing", "website"}


@pytest.mark.parametrize("name", ["latest", RUN, f"build/rehearsals/{EVIDENCE}", BUNDLE])
def test_evidence_is_shown(project: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["show", name, "--all"]) == 0
    shown = capsys.readouterr().out
    assert RUN in shown
    assert "3 servers ready" in " ".join(shown.split())


def test_journal_gives_same_steps_and_servers() -> None:
    """Each server group had entries of its own. Now an entry of the step lists its parts."""
    kept = read(EVIDENCE)
    links = [ChainedEntry.model_validate(link) for link in kept["journal"]]
    made = build_evidence(kept["run"], links).model_dump(mode="json")
    assert sum(len(step["parts"]) for step in made["steps"]) > 1
    for name in ("steps", "servers"):
        assert_keeps(made[name], kept[name], name)


@pytest.mark.parametrize("name", ["latest", BUNDLE])
def test_evidence_keeps_every_value(project: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["show", name, "--json"]) == 0
    assert_keeps(json.loads(capsys.readouterr().out), read(EVIDENCE))


def test_bundle_is_whole_and_signed_by_its_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # an auditor has the file and no project
    assert main(["verify", BUNDLE, "--key", PUBLIC_KEY]) == 0
    assert f"unchanged: 90 entries of {RUN}" in capsys.readouterr().out
    assert main(["verify", BUNDLE]) == 1  # the key is not trusted


def test_evidence_can_be_exported_again(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "latest", "--out", "again.leeward.zip"]) == 0
    assert main(["verify", "again.leeward.zip"]) == 0, capsys.readouterr().out


def test_board_shows_the_kept_rehearsal(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["board", "--json"]) == 0
    board = capsys.readouterr().out
    assert RUN in board


def test_execution_history_gives_the_progress_of_every_step(project: Path) -> None:
    progress = StepProgress(build_runbook(project / "runbooks", "website", "drill").compiled.steps)
    for event in read("website-drill-calm-7.history.json")["events"]:
        progress.observe(event)
    assert {step.status for step in progress.steps} == {RunStepStatus.DONE}


def test_printed_rehearsal_loads() -> None:
    printed = read("rehearse-drill.json")
    assert_keeps(RehearsalResult.model_validate(printed).model_dump(mode="json"), printed)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account whose table of the website holds what 0.1 wrote into it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    cached_client.cache_clear()
    with mock_aws():
        dynamodb = boto3.client("dynamodb", "us-west-2")
        dynamodb.create_table(
            TableName="leeward-website",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )
        for item in read("journal-items.json"):
            dynamodb.put_item(TableName="leeward-website", Item=item)
        yield
    cached_client.cache_clear()


def test_journal_in_a_table_is_read_and_its_chain_holds(
    project: Path, table: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", RUN_IN_TABLE, "--all"]) == 0
    shown = capsys.readouterr().out
    assert "compatibility sample" in " ".join(shown.split())
    assert "arn:aws:iam::111122223333:user/ada started" in " ".join(shown.split())
    assert main(["export", RUN_IN_TABLE, "--key", "audit.pem", "--out", "run.leeward.zip"]) == 0
    capsys.readouterr()
    assert main(["verify", "run.leeward.zip", "--key", "audit.pub"]) == 0, capsys.readouterr().out
