"""show, report, export and verify, as a person on call and an auditor use them."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from leeward.cli.main import main
from leeward.common.aws.clients import cached_client, client
from leeward.common.aws.tables.state_table import StateTable
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from leeward.evidence.storage import save_evidence
from tests.support.paths import REPOSITORY
from tests.support.sample_journals import GRAPH, RUN, evidence, failover

APPLICATION = REPOSITORY / "runbooks" / "website"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which one rehearsal was made."""
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "website").symlink_to(APPLICATION)
    made = evidence(failover(), graph=GRAPH, source="rehearsal", scenario="region-dark", seed=7)
    save_evidence(made, tmp_path / "build" / "rehearsals" / "shop-failover-region-dark-7.evidence.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["latest", RUN, "shop-failover-region-dark-7"])
def test_show_finds_rehearsal_by_latest_run_id_or_file_name(
    project: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(["show", name]) == 0
    shown = capsys.readouterr().out
    assert "PASSED  shop.failover.run-1" in shown
    assert "question.answered" in shown
    assert "Ask for approval: approve, by Ada (storm)" in shown


def test_show_json_prints_only_the_evidence(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "latest", "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert output["run"] == RUN
    assert len(output["journal"]) == len(failover())


def test_show_unknown_run_lists_known_runs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "shop.failover.other"]) == 2
    output = capsys.readouterr().err
    assert "there is no run 'shop.failover.other'" in output
    assert "shop-failover-region-dark-7" in output


def test_verify_accepts_export_and_rejects_forged_bundle(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "latest"]) == 0
    path = project / f"{RUN}.leeward.zip"
    assert main(["verify", str(path)]) == 0
    assert "unchanged: " in capsys.readouterr().out
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content.replace(b'"by":"Ada"', b'"by":"Bob"'))
    assert main(["verify", str(path), "--json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert "entry 7 (question.answered of ask" in findings[-1]["what"] + findings[-2]["what"]


def test_verify_outside_project_needs_only_bundle_and_key(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert main(["export", "latest"]) == 0
    path = project / f"{RUN}.leeward.zip"
    capsys.readouterr()
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert main(["verify", str(path)]) == 1
    output = capsys.readouterr().out
    assert "which is not a trusted key" in output
    printed = next(word for word in output.split() if word.startswith("SHA256:")).rstrip(",")
    assert main(["verify", str(path), "--key", printed]) == 0
    assert main(["verify", str(path), "--key", str(project / "build" / "keys" / "rehearsals.pub")]) == 0
    assert main(["verify", str(path), "--key", "nonsense"]) == 2


def test_verify_trusts_fingerprint_committed_in_runbooks(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "latest", "--key", str(project / "other.pem")]) == 0
    path = str(project / f"{RUN}.leeward.zip")
    capsys.readouterr()
    assert main(["verify", path]) == 1
    printed = next(w for w in capsys.readouterr().out.split() if w.startswith("SHA256:")).rstrip(",")
    (project / "runbooks" / "evidence-keys.txt").write_text(f"# who may vouch\n{printed} the audit team\n")
    assert main(["verify", path]) == 0


def test_report_of_rehearsal_equals_report_of_its_bundle(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "latest", "--out", "a.html"]) == 0
    assert main(["export", "latest"]) == 0
    assert main(["report", f"{RUN}.leeward.zip", "--out", "b.html"]) == 0
    assert (project / "a.html").read_text() == (project / "b.html").read_text()


def test_report_without_its_extra_says_what_to_install(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["report", "latest"]) == 2
    message = "leeward: report needs the extra \"report\"\n  pip install 'leeward[report]'\n"
    assert capsys.readouterr() == ("", message)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account with the website's table in its standby Region alone."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    cached_client.cache_clear()
    with mock_aws():
        for region in ("us-west-2",):
            boto3.client("dynamodb", region).create_table(
                TableName="leeward-website",
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
                BillingMode="PAY_PER_REQUEST",
            )
        yield
    cached_client.cache_clear()


def test_show_reads_live_run_while_other_region_is_unavailable(
    project: Path, account: None, capsys: pytest.CaptureFixture[str]
) -> None:
    run = "website.failover.live-1"
    table = StateTable(client("dynamodb", "us-west-2"), "leeward-website")
    for link in failover():
        facts = json.loads(json.dumps(dict(link.facts)).replace(RUN, run))
        Journal(table, run, f"request-{link.seq}").write(
            JournalEntry(link.at, JournalEvent(link.event), link.detail, link.step, link.attempt, facts)
        )
    assert main(["show", run]) == 0
    assert f"PASSED  {run}" in capsys.readouterr().out
    assert main(["show", "website.failover.other"]) == 2
    output = capsys.readouterr().err
    assert "some Regions did not respond" in output
    assert "us-east-1: " in output
    assert main(["export", run]) == 2  # there is no key to sign with
    assert "kms:GetPublicKey" in capsys.readouterr().err
