"""Finding the project, and names that do not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from leeward.cli.arguments.name_suggestions import find_nearest, require_existing_name
from leeward.cli.errors.cli_error import CliError
from leeward.cli.project.project_root import find_project_root, list_applications, list_runbooks, list_scenarios


@pytest.fixture
def project(tmp_path: Path) -> Path:
    website = tmp_path / "runbooks" / "website"
    website.mkdir(parents=True)
    for name in ("application", "failover", "failback"):
        (website / f"{name}.yaml").touch()
    (tmp_path / "runbooks" / "not-an-application").mkdir()
    (tmp_path / "workloads" / "website" / "scenarios").mkdir(parents=True)
    (tmp_path / "workloads" / "website" / "scenarios" / "region-dark.yaml").touch()
    return tmp_path


def test_root_is_found_from_nested_folder(project: Path) -> None:
    assert find_project_root(None, project / "runbooks" / "website") == project


def test_given_root_without_runbooks_is_rejected(project: Path, tmp_path: Path) -> None:
    assert find_project_root(project) == project
    with pytest.raises(CliError, match="no runbooks/ folder"):
        find_project_root(project / "workloads")


def test_outside_project_error_names_root_option(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="or above it") as trouble:
        find_project_root(None, tmp_path)
    assert "--root" in trouble.value.hints[0]


def test_project_lists_applications_runbooks_and_scenarios(project: Path) -> None:
    assert list_applications(project) == ["website"]
    assert list_runbooks(project, "website") == ["failback", "failover"]
    assert list_scenarios(project, "website") == ["region-dark"]
    assert list_scenarios(project, "nothing") == []


def test_misspelled_name_gets_suggestion_and_list() -> None:
    with pytest.raises(CliError, match="no runbook 'falover'") as trouble:
        require_existing_name("runbook", "falover", ["drill", "failback", "failover"], place="runbooks/website/")
    assert trouble.value.hints == (
        "Did you mean failover?",
        "The runbooks in runbooks/website/: drill, failback, failover",
    )


def test_unrelated_name_gets_list_without_suggestion() -> None:
    assert find_nearest("zzzz", ["failover"]) is None
    with pytest.raises(CliError) as trouble:
        require_existing_name("runbook", "zzzz", ["failover"], place="runbooks/website/")
    assert trouble.value.hints == ("The runbook in runbooks/website/: failover",)


def test_suggestion_ignores_case() -> None:
    assert find_nearest("Website", ["website"]) == "website"


def test_empty_choice_says_there_is_none() -> None:
    with pytest.raises(CliError) as trouble:
        require_existing_name("scenario", "region-dark", [], place="workloads/website/scenarios/")
    assert trouble.value.hints == ("workloads/website/scenarios/ has no scenarios",)


def test_long_list_is_truncated_with_count() -> None:
    with pytest.raises(CliError) as trouble:
        require_existing_name("application", "zzzz", [f"app-{i:02}" for i in range(50)], place="runbooks/")
    assert trouble.value.hints[-1].endswith("and 30 more")
