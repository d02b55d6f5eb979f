"""Which evidence file is found by a name, the graph of a run's path, and which steps count as unmet."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from leeward.common.errors import InvalidInput
from leeward.evidence.execution_graph import build_execution_graph
from leeward.evidence.model import (
    EvidenceStepStatus,
    InvariantResult,
    MeasurementStatus,
    is_objective_missed,
    list_unmet_steps,
)
from leeward.evidence.source_versions import read_source_versions
from leeward.evidence.storage import find_evidence_file, list_newest_first, load_evidence, save_evidence
from tests.support.sample_journals import evidence, failover


def save(folder: Path, name: str, run: str, seconds: int) -> Path:
    path = save_evidence(evidence(failover()).model_copy(update={"run": run}), folder / f"{name}.evidence.json")
    os.utime(path, (seconds, seconds))
    return path


def test_file_is_found_by_name_run_or_age(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "on demand"
    assert find_evidence_file(folder, "latest") is None
    old, new = save(folder, "old", "run-1", 100), save(folder, "new", "run-1", 200)
    middle = save(folder, "middle", "new", 150)
    (folder / "broken.evidence.json").write_text("{}")
    os.utime(folder / "broken.evidence.json", (50, 50))
    (folder / "other.json").write_text("{}")
    assert [path.name.split(".")[0] for path in list_newest_first(folder)] == ["new", "middle", "old", "broken"]
    assert find_evidence_file(folder, "latest") == new
    assert find_evidence_file(folder, "old") == old
    assert find_evidence_file(folder, "new") == new, "a file's name comes before a run's id"
    assert find_evidence_file(folder, "run-1") == new
    assert find_evidence_file(folder, "middle") == middle
    assert find_evidence_file(folder, "mid") is None
    assert load_evidence(old).run == "run-1"
    with pytest.raises(InvalidInput, match="is not evidence that this version can read"):
        load_evidence(folder / "broken.evidence.json")


def test_graph_has_taken_edges_and_first_positions() -> None:
    definition = {
        "States": {
            "Begin": {"Type": "Task", "Next": "Choose", "Catch": [{"Next": "Fail"}]},
            "Choose": {"Type": "Choice", "Choices": [{"Next": "Begin"}, {"Next": "Both"}], "Default": "Fail"},
            "Both": {"Type": "Parallel", "Branches": [{}, {}], "Next": "Done"},
            "Fail": {"Type": "Fail"},
            "Done": {"Type": "Succeed"},
        }
    }
    graph = build_execution_graph(definition, ["Begin", "Choose", "Begin", "Choose", "Both", "inside", "Done"])
    assert [(node.name, node.order, node.branches) for node in graph.nodes] == [
        ("Begin", 1, 0),
        ("Choose", 2, 0),
        ("Both", 5, 2),
        ("Fail", None, 0),
        ("Done", 6, 0),
    ]
    assert [(edge.start, edge.end, edge.taken) for edge in graph.edges] == [
        ("Begin", "Choose", True),
        ("Begin", "Fail", False),
        ("Choose", "Begin", True),
        ("Choose", "Both", True),
        ("Choose", "Fail", False),
        ("Both", "Done", True),
    ]


@pytest.mark.parametrize("status", list(EvidenceStepStatus))
def test_failed_and_passed_over_steps_are_unmet(status: EvidenceStepStatus) -> None:
    steps = [step.model_copy(update={"status": status}) for step in evidence(failover()).steps[:1]]
    assert list_unmet_steps(steps) == (steps if status in ("failed", "passed over") else [])


@pytest.mark.parametrize("status", [*MeasurementStatus, None])
@pytest.mark.parametrize("value", [5.0, None])
@pytest.mark.parametrize("met", [True, False])
def test_objective_is_missed_if_never_reached_or_not_met(
    status: MeasurementStatus | None, value: float | None, met: bool
) -> None:
    expected = status == "never reached" or (value is not None and not met)
    assert is_objective_missed(status, value, met=met) is expected


@pytest.mark.parametrize(
    ("applicable", "held", "violated"), [(True, True, False), (True, False, True), (False, False, False)]
)
def test_only_an_applicable_invariant_is_violated(applicable: bool, held: bool, violated: bool) -> None:
    assert InvariantResult(name="x", held=held, detail="", applicable=applicable).violated is violated


def test_documents_outside_git_have_hashes_only(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yaml"):
        (tmp_path / name).write_text(name)
    versions = read_source_versions(tmp_path, [tmp_path / "b.yaml", tmp_path / "a.yaml", tmp_path / "missing"])
    assert (versions.commit, versions.changed) == (None, [])
    assert [document.path for document in versions.documents] == ["a.yaml", "b.yaml"]
    assert {len(document.sha256) for document in versions.documents} == {64}
