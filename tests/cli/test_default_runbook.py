"""Which runbook is rehearsed when none is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from leeward.cli.arguments.argument_resolution import resolve_runbook
from leeward.cli.errors.cli_error import CliError
from tests.support.paths import REPOSITORY


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(REPOSITORY / "runbooks", tmp_path / "runbooks")
    return tmp_path


@pytest.mark.parametrize(
    ("variant", "runbook"),
    [
        ("failover", "failover"),
        ("latency", "failover"),
        ("weighted", "failover-weighted"),
        ("routing-control", "failover-routing-control"),
    ],
)
def test_choose_runbook_defaults_to_failover_of_active_routing(project: Path, variant: str, runbook: str) -> None:
    document = project / "runbooks" / "ticketing" / "application.yaml"
    document.write_text(document.read_text().replace("  use: failover\n", f"  use: {variant}\n"))
    assert resolve_runbook(project, "ticketing", None) == runbook
    assert resolve_runbook(project, "ticketing", "drill") == "drill"


def test_choose_runbook_defaults_to_failover_without_routing_variants(project: Path) -> None:
    assert resolve_runbook(project, "website", None) == "failover"


def test_choose_runbook_defaults_to_only_runbook(project: Path) -> None:
    for path in (project / "runbooks" / "website").glob("*.yaml"):
        if path.name not in ("application.yaml", "drill.yaml"):
            path.unlink()
    assert resolve_runbook(project, "website", None) == "drill"


def test_choose_runbook_requires_name_without_failover(project: Path) -> None:
    (project / "runbooks" / "website" / "failover.yaml").unlink()
    with pytest.raises(CliError, match="website has no default runbook"):
        resolve_runbook(project, "website", None)
