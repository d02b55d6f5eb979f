"""The benchmark: its projects, its fit, its critical path, and its page."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from leeward.state_machines.build import build_runbook
from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from tests.support.nonempty import nonempty
from tools.performance.configurations import Configuration, list_configurations
from tools.performance.critical_path import CriticalPath
from tools.performance.fleet_project import write_project
from tools.performance.growth import fit_growth
from tools.performance.measurement import measure
from tools.performance.performance_page import render_page

SMALLEST = Configuration(3, 1)


@lru_cache(maxsize=1)
def smallest() -> dict[str, Any]:
    return measure(SMALLEST)


def test_only_groups_without_servers_are_impossible() -> None:
    assert [tuple(at) for at in list_configurations() if not at.is_possible] == [(3, 6), (3, 20)]
    assert len(list_configurations()) == 12


@pytest.mark.parametrize("at", [Configuration(30, 1), Configuration(30, 6), Configuration(300, 20)])
def test_project_has_the_servers_in_groups_with_target_groups(tmp_path: Path, at: Configuration) -> None:
    write_project(tmp_path, at)
    built = build_runbook(tmp_path / "runbooks", "website", "failover")
    groups = dict(built.application.components_of_kind(ServerGroupComponent))
    assert len(groups) == at.groups
    assert sum(group.expect or 0 for group in groups.values()) == at.servers
    served = [target.serves for _, target in nonempty(built.application.components_of_kind(TargetGroupComponent))]
    assert set(served) == {name for name in groups if name != "database"}
    assert {name: tuple(group.after) for name, group in groups.items()} == {
        name: ("database",) if at.groups > 1 and name != "database" else () for name in groups
    }


def test_fit_finds_the_growth_per_server_and_per_group() -> None:
    points = [(at, 7 + 5 * at.servers + 3 * at.groups) for at in list_configurations() if at.is_possible]
    growth = fit_growth([(at, float(value)) for at, value in points])
    assert growth is not None
    assert growth.describe("Calls") == (
        "Calls grow by 5.0 per server and 3.0 per group, from 7. The fit is off by 0 at most."
    )


@pytest.mark.parametrize(
    "sizes",
    [[(3, 1), (30, 1), (100, 6)], [(3, 1), (30, 1), (100, 1), (300, 1)]],
    ids=["three points", "one number of groups"],
)
def test_too_few_points_have_no_fit(sizes: list[tuple[int, int]]) -> None:
    assert fit_growth([(Configuration(*size), 5.0) for size in sizes]) is None


def test_overhead_is_the_rest_of_the_rto() -> None:
    path = CriticalPath(detection=120, approval=60, launches=700, target_health=20, users=40)
    assert path.overhead(1000) == 60


def test_smallest_configuration_is_measured_with_its_critical_path() -> None:
    figures = smallest()
    assert (figures["outcome"], figures["unmet_steps"], figures["violated"]) == ("succeeded", [], [])
    path = figures["critical_path"]
    assert (path["detection"], path["approval"]) == (120, 60), "as in the scenario"
    assert 510 + 90 < path["launches"] < 1000, "a launch takes 510 s at least, and status checks 90 s"
    assert 0 < path["users"] < 180
    assert 0 < figures["overhead_seconds"] < figures["rto_seconds"] - path["launches"]
    assert figures["cpu_seconds"] > 0
    assert figures["memory_bytes"] > 50 * 1024 * 1024


def test_page_has_a_row_for_each_measurement_and_names_failures() -> None:
    failed = smallest() | {"outcome": "failed", "error": "Timeout", "unmet_steps": ["Recover"], "critical_path": None}
    page = render_page({SMALLEST.name: smallest(), Configuration(30, 6).name: failed})
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("| 3")]
    assert [[cell.strip() for cell in row] for row in rows] == [["3", "1"], ["30", "6"], ["3", "1"]]
    assert '- 30 servers, 6 groups: the run failed with `Timeout`; "Recover" was not done.' in page
    assert "Impossible, and not measured: 3 servers in 6 groups and 3 servers in 20 groups." in page
    assert "- Calls: too few configurations succeeded." in page
    assert "| Recover the servers |" in page
