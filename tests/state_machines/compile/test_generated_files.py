"""What is committed is what comes out: generated machines, schemas, drift, the command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from leeward.state_machines.build import (
    InvalidDocuments,
    build_runbook,
    build_runbooks,
    compile_tree,
    expected_files,
    find_drift,
    write_files,
)
from leeward.state_machines.json_schemas import build_schemas
from tests.state_machines.conftest import DOCUMENTS, DocumentsCopy
from tests.support.paths import GENERATED_FOLDER, REPOSITORY, RUNBOOKS_FOLDER, SCHEMA_FOLDER


def test_committed_files_equal_fresh_compilation() -> None:
    assert not find_drift(expected_files(RUNBOOKS_FOLDER, GENERATED_FOLDER, SCHEMA_FOLDER), GENERATED_FOLDER), (
        "run `make compile`"
    )


def test_compile_is_idempotent(website: DocumentsCopy, tmp_path: Path) -> None:
    generated, schema = tmp_path / "generated", tmp_path / "schema"
    first = write_files(expected_files(website.root, generated, schema), generated)
    assert {path.name for path in first.missing} == {
        "failover.asl.json", "application.schema.json", "runbook.schema.json",
    }  # fmt: skip
    assert not write_files(expected_files(website.root, generated, schema), generated)
    assert not find_drift(expected_files(website.root, generated, schema), generated)


def test_drift_is_detected_and_fixed_by_compile(website: DocumentsCopy, tmp_path: Path) -> None:
    generated, schema = tmp_path / "generated", tmp_path / "schema"
    wanted = expected_files(website.root, generated, schema)
    write_files(wanted, generated)
    machine, stray = generated / "website" / "failover.asl.json", generated / "gone" / "failover.asl.json"
    machine.write_text(machine.read_text("utf-8").rstrip("\n"), "utf-8")
    (schema / "runbook.schema.json").unlink()
    stray.parent.mkdir()
    stray.write_text("{}")
    drift = find_drift(wanted, generated)
    assert (drift.missing, drift.changed, drift.left_over) == ((schema / "runbook.schema.json",), (machine,), (stray,))
    write_files(wanted, generated)
    assert not find_drift(wanted, generated)
    assert not stray.exists()


def test_invalid_documents_are_not_compiled(website: DocumentsCopy) -> None:
    website.runbook("component: traffic", "component: trafic")
    with pytest.raises(InvalidDocuments, match="unknown component") as info:
        compile_tree(website.root)
    assert len(info.value.problems) == 1


def test_documents_with_warnings_are_compiled() -> None:
    assert sorted(map(str, compile_tree(DOCUMENTS))) == [
        "quiet/pause.asl.json", "shop/drill.asl.json", "shop/failback-drill.asl.json", "shop/failback.asl.json",
        "shop/failover.asl.json", "shop/return.asl.json", "shop/serverless.asl.json", "shop/spare.asl.json",
    ]  # fmt: skip


def test_runbook_is_found_by_name() -> None:
    assert build_runbook(RUNBOOKS_FOLDER, "website", "failover").runbook.runbook == "failover"
    every = "website drill, website failback-drill, website failback, website failover"
    with pytest.raises(LookupError, match=f"there are: .*{every}"):
        build_runbook(RUNBOOKS_FOLDER, "website", "failsideways")


def test_schemas_cover_every_sample_key() -> None:
    runbook = json.loads(build_schemas()["runbook.schema.json"])
    kinds = runbook["properties"]["steps"]["items"]["discriminator"]["mapping"]
    used = {step.kind for ready in build_runbooks(RUNBOOKS_FOLDER) for step in ready.runbook.steps}
    assert used < set(kinds)
    assert runbook["additionalProperties"] is False
    http_check = runbook["$defs"][kinds["http.check"].rsplit("/", 1)[-1]]
    assert {"from", "consecutive", "pages", "timeout", "on_failure"} <= set(http_check["properties"])
    application = json.loads(build_schemas()["application.schema.json"])
    assert application["properties"]["objectives"]["description"] == "RTO and RPO"


def test_compile_check_command_detects_drift() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "leeward.state_machines", "--check"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == ""


def test_compiler_imports_no_aws_library() -> None:
    code = "import leeward.state_machines.build, sys; sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode == 0
