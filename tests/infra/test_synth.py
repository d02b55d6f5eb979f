"""Synthesising: what comes out is a function of what goes in, and is not made twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from leeward.infra.synthesis import node_runtime
from leeward.infra.synthesis.reproducibility import find_differences
from leeward.infra.synthesis.template_cache import SynthesisFailed, synthesize
from tests.support.paths import REPOSITORY


def test_repeated_synthesis_is_compared_file_by_file(tmp_path: Path) -> None:
    """`make check` makes every application's templates again from a copy of the sources (`reproducibility.py`)."""
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / "same.template.json").write_text("{}")
    (one / ".made-from").write_text("what synth remembers is none of it")
    assert find_differences(one, other) == []
    (one / "a.template.json").write_text("1")
    (other / "a.template.json").write_text("2")
    (other / "more.zip").write_text("")
    assert find_differences(one, other) == ["a.template.json", "more.zip"]


def test_up_to_date_templates_are_not_synthesized_again() -> None:
    folder = synthesize("website", "example")
    made = (folder / "manifest.json").stat().st_mtime_ns
    assert synthesize("website", "example") == folder
    assert (folder / "manifest.json").stat().st_mtime_ns == made


def test_failed_synthesis_leaves_no_folder_and_explains() -> None:
    with pytest.raises(SynthesisFailed, match=r"there is no environment production .*copy example.yaml"):
        synthesize("website", "production")
    assert not list((REPOSITORY / "build" / "cdk.out").glob("website-production*/"))


def test_outdated_node_is_reported_with_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v16.20.0\n")
    old.chmod(0o755)
    monkeypatch.setenv("JSII_NODE", str(old))
    with pytest.raises(node_runtime.NodeNotFound, match=r"Node 22 or later, but .*node is Node 16.*make synth"):
        node_runtime.use_node()
