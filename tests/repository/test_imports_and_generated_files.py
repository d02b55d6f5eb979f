"""Imports flow one way, and generated files are what their sources make of them."""

from __future__ import annotations

import pytest
from importlinter.cli import lint_imports

from leeward.state_machines.__main__ import main as compile_documents
from tests.support.paths import REPOSITORY


def test_import_contracts_hold(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(REPOSITORY)
    assert lint_imports(config_filename=str(REPOSITORY / ".importlinter"), cache_dir=None) == 0, capsys.readouterr().out


def test_generated_files_are_current() -> None:
    assert compile_documents(["--check"]) == 0
