"""docs/safety.md lists every invariant and every static check."""

from __future__ import annotations

from leeward.rehearsal.invariants import list_invariants
from leeward.state_machines.checks.machine_report import CHECKS, DOCUMENT_CHECKS
from tests.support.paths import REPOSITORY

PAGE = (REPOSITORY / "docs" / "safety.md").read_text(encoding="utf-8")


def test_safety_page_lists_every_invariant_with_its_promise() -> None:
    assert list_invariants()
    for invariant in list_invariants():
        assert f"| {invariant.name} | {invariant.promise} |" in PAGE


def test_safety_page_lists_every_static_check() -> None:
    assert CHECKS
    assert DOCUMENT_CHECKS
    for name in (*CHECKS, *DOCUMENT_CHECKS):
        assert f"\n| {name} | " in PAGE
