"""The committed dependency tables: current, and found out of date by their digests."""

from __future__ import annotations

import pytest

from tests.support.paths import REPOSITORY
from tools import dependency_tables


def test_committed_tables_are_those_of_their_inputs() -> None:
    tables = dependency_tables.read_tables()
    assert not list(dependency_tables.find_problems(tables, REPOSITORY))


def test_check_fails_when_the_digest_of_a_table_differs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = dependency_tables.read_tables()
    changed = tables["website failover"].model_copy(update={"inputs": "0123456789abcdef"})
    others = {name: each for name, each in tables.items() if name != "ticketing drill"}
    monkeypatch.setattr(dependency_tables, "read_tables", lambda: others | {"website failover": changed})
    assert dependency_tables.main(["--check"]) == 1
    printed = capsys.readouterr().out
    assert "website failover have tables of other documents or code. Run `python tools/dependency_tables.py`" in printed
    assert "ticketing drill have no table" in printed
