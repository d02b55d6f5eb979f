"""Weights, whole trees, and the paths that someone names."""

from __future__ import annotations

from pathlib import Path

import pytest

from leeward.state_machines.diagnostics.problems import Severity
from leeward.state_machines.validate.document_validation import validate_paths, validate_tree
from tests.state_machines.conftest import DOCUMENTS, DocumentsCopy

# Weights


def test_weights_in_failover_are_a_warning_and_compile() -> None:
    checked = validate_tree(DOCUMENTS)
    (warning,) = (problem for problem in checked.problems if problem.path.name == "failover.yaml")
    assert warning.severity is Severity.WARNING
    assert warning.message == "route53.weights depends on the Route 53 control plane in us-east-1"
    assert warning.path.name == "failover.yaml"
    assert (warning.line, warning.column) == (28, 37)
    assert checked.errors == ()


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("{eu-west-1: 0, eu-central-1: 0}", "all weights are 0"),
        ("{eu-west-1: 1}", "no value for eu-central-1"),
        ("{eu-west-1: 1, eu-central-1: 1, eu-north-1: 1}", '"eu-north-1" is not a Region of the application'),
        ("{eu-west-1: 0, eu-central-1: 256}", "is the number 256"),
        ("{}", "no value for eu-west-1"),
    ],
)
def test_invalid_weights_are_reported(tmp_path: Path, weights: str, message: str) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    for name in ("application.yaml", "failover.yaml"):
        text = (DOCUMENTS / "shop" / name).read_text("utf-8")
        (folder / name).write_text(text.replace("{eu-west-1: 0, eu-central-1: 100}", weights), "utf-8")
    messages = [problem.message for problem in validate_tree(tmp_path).errors]
    assert message in " ".join(messages)


# Trees and paths


def test_missing_tree_is_reported(tmp_path: Path) -> None:
    (problem,) = validate_tree(tmp_path / "nowhere").problems
    assert "cannot be read" in problem.message


def test_tree_without_applications_is_reported(tmp_path: Path) -> None:
    (problem,) = validate_tree(tmp_path).problems
    assert problem.message == "the folder has no application"


def test_ignored_files_are_reported(website: DocumentsCopy) -> None:
    website.file("failback.yml").write_text("runbook: failback")
    (website.root / "stray.yaml").write_text("a: b")
    assert sorted(problem.message for problem in website.problems()) == [
        "failback.yml would not be read",
        "stray.yaml belongs to no application",
    ]


def test_folder_without_application_still_reports_runbooks(website: DocumentsCopy) -> None:
    website.file("application.yaml").unlink()
    website.runbook("kind: lock\n", "kind: loc\n")
    assert sorted(problem.message for problem in website.problems()) == [
        "the folder has no application.yaml",
        'unknown kind "loc"',
    ]


def test_paths_may_be_a_tree_a_folder_or_a_file(website: DocumentsCopy) -> None:
    website.runbook("component: traffic", "component: trafic")
    website.file("other.yaml").write_text("nonsense", "utf-8")
    tree = validate_paths([website.root]).problems
    assert len(tree) == 2
    assert validate_paths([website.root / "website"]).problems == tree
    (alone,) = validate_paths([website.file("failover.yaml")]).problems
    assert alone.message == 'unknown component "trafic"'
    assert validate_paths([website.file("failover.yaml"), website.root]).problems == tree
    (missing,) = validate_paths([website.root / "nowhere.yaml"]).problems
    assert missing.message == "there is no such file or folder"
