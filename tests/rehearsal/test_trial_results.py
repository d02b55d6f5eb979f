"""Results of an earlier sweep are used again only for the same code, documents, and seed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leeward.rehearsal.sweep import trial_results
from leeward.rehearsal.sweep.faults.baseline import Baseline
from leeward.rehearsal.sweep.sweep_setup import SweepTarget
from leeward.rehearsal.sweep.trial_results import TrialResultsFile
from leeward.rehearsal.sweep.trials.trial import TrialResult

RESULT = TrialResult(fault="call:1:denied", outcome="succeeded")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, and a package with a linked folder, as `src/leeward` has them."""
    (tmp_path / "workloads" / "website").mkdir(parents=True)
    (tmp_path / "workloads" / "website" / "world.yaml").write_text("application: website")
    package = tmp_path / "package"
    for folder in (package / "kinds", tmp_path / "drs"):
        folder.mkdir(parents=True)
        (folder / "module.py").write_text("x = 1")
    (package / "drs").symlink_to("../drs")
    monkeypatch.setattr(trial_results, "_PACKAGE", package)
    return tmp_path


def results_of(root: Path, *, seed: int = 7, invocation: str = "leeward-lock-acquire") -> TrialResultsFile:
    return TrialResultsFile(SweepTarget(root, "website", "failover", seed), Baseline(invocations=[invocation]))


def test_results_of_the_same_code_documents_and_seed_are_loaded(root: Path) -> None:
    first = results_of(root)
    first.start_file()
    first.append_result(RESULT)
    assert results_of(root).load_results() == {RESULT.fault: RESULT}


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "package" / "kinds" / "module.py").write_text("x = 2"),
        lambda root: (root / "drs" / "module.py").write_text("x = 2"),
        lambda root: (root / "workloads" / "website" / "world.yaml").write_text("application: other"),
    ],
    ids=["code", "code of a linked folder", "document"],
)
def test_results_are_not_loaded_after_a_change(root: Path, change: Callable[[Path], object]) -> None:
    first = results_of(root)
    first.start_file()
    first.append_result(RESULT)
    change(root)
    assert results_of(root).load_results() == {}


def test_results_of_another_baseline_are_not_loaded(root: Path) -> None:
    first = results_of(root)
    first.start_file()
    first.append_result(RESULT)
    assert results_of(root, invocation="leeward-preflight").load_results() == {}


def test_results_of_another_seed_are_in_another_file(root: Path) -> None:
    assert results_of(root, seed=8).path != results_of(root).path
