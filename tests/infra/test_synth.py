"""Synthesising: what comes out is a function of what goes in, and is not made twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from infra import node
from infra.packaging.target import ROOT
from infra.synth import CannotSynthesise, templates


def test_the_same_documents_are_the_same_templates_byte_for_byte(tmp_path: Path) -> None:
    """Deployed twice, nothing changes: made anew, in another place, by another process."""
    first = templates("website", "example")
    again = subprocess.run(
        [sys.executable, "-O", "-m", "infra", "build", "website", "example", str(tmp_path)], cwd=ROOT, check=False
    )
    assert again.returncode == 0
    made = sorted(path.name for path in tmp_path.glob("*.template.json"))
    assert made == sorted(path.name for path in first.glob("*.template.json"))
    for name in made:
        assert (tmp_path / name).read_bytes() == (first / name).read_bytes(), name


def test_what_is_up_to_date_is_not_made_again() -> None:
    folder = templates("website", "example")
    made = (folder / "manifest.json").stat().st_mtime_ns
    assert templates("website", "example") == folder
    assert (folder / "manifest.json").stat().st_mtime_ns == made


def test_what_can_not_be_made_leaves_no_folder_and_says_why() -> None:
    with pytest.raises(CannotSynthesise, match=r"there is no environment production .*copy example.yaml"):
        templates("website", "production")
    assert not (ROOT / "build" / "cdk.out" / "website-production").exists()


def test_a_node_that_is_too_old_is_told_with_the_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v16.20.0\n")
    old.chmod(0o755)
    monkeypatch.setenv("JSII_NODE", str(old))
    with pytest.raises(node.NoNode, match=r"Node 22 or later, but .*node is Node 16.*make synth"):
        node.use()
