"""Imports flow one way, and generated files are what their sources make of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from leeward.state_machines.__main__ import main as compile_documents

ROOT = Path(__file__).parents[2]


def test_imports_flow_one_way(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename=str(ROOT / ".importlinter"), cache_dir=None) == 0, capsys.readouterr().out


def test_what_is_generated_has_not_drifted() -> None:
    assert compile_documents(["--check"]) == 0
