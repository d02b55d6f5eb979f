"""Finding the project, and names that do not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from leeward.cli.choice import choose, nearest
from leeward.cli.root import applications, find_root, runbooks, scenarios
from leeward.cli.trouble import Trouble


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


def test_the_root_is_found_from_deep_inside_the_project(project: Path) -> None:
    assert find_root(None, project / "runbooks" / "website") == project


def test_a_root_that_is_given_must_hold_runbooks(project: Path, tmp_path: Path) -> None:
    assert find_root(project) == project
    with pytest.raises(Trouble, match="no runbooks/ folder"):
        find_root(project / "workloads")


def test_outside_any_project_it_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="or above it") as trouble:
        find_root(None, tmp_path)
    assert "--root" in trouble.value.mend[0]


def test_what_a_project_has(project: Path) -> None:
    assert applications(project) == ["website"]
    assert runbooks(project, "website") == ["failback", "failover"]
    assert scenarios(project, "website") == ["region-dark"]
    assert scenarios(project, "nothing") == []


def test_a_misspelt_name_gets_the_nearest_and_the_list() -> None:
    with pytest.raises(Trouble, match="no runbook 'falover'") as trouble:
        choose("runbook", "falover", ["drill", "failback", "failover"], place="runbooks/website/")
    assert trouble.value.mend == (
        "Did you mean failover?",
        "The runbooks in runbooks/website/: drill, failback, failover",
    )


def test_a_name_near_to_nothing_gets_the_list_alone() -> None:
    assert nearest("zzzz", ["failover"]) is None
    with pytest.raises(Trouble) as trouble:
        choose("runbook", "zzzz", ["failover"], place="runbooks/website/")
    assert trouble.value.mend == ("The runbook in runbooks/website/: failover",)


def test_case_does_not_matter_to_the_nearest() -> None:
    assert nearest("Website", ["website"]) == "website"


def test_when_there_is_none_it_says_so() -> None:
    with pytest.raises(Trouble) as trouble:
        choose("scenario", "region-dark", [], place="workloads/website/scenarios/")
    assert trouble.value.mend == ("There is none in workloads/website/scenarios/",)


def test_a_long_list_is_cut_and_counted() -> None:
    with pytest.raises(Trouble) as trouble:
        choose("application", "zzzz", [f"app-{i:02}" for i in range(50)], place="runbooks/")
    assert trouble.value.mend[-1].endswith("and 30 more")
