"""The page on safety tells of what there is."""

from __future__ import annotations

from pathlib import Path

from leeward.rehearsal.invariants import INVARIANTS
from leeward.state_machines.checks.machine_report import CHECKS

PAGE = (Path(__file__).parents[2] / "docs" / "safety.md").read_text(encoding="utf-8")


def test_every_invariant_is_told_with_its_promise() -> None:
    for invariant in INVARIANTS:
        assert f"| {invariant.name} | {invariant.promise} |" in PAGE


def test_every_static_check_is_told() -> None:
    for name in CHECKS:
        assert f"\n| {name} | " in PAGE
