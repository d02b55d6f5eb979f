"""Two validators that know nothing of Leeward; each finds what the other misses."""

from __future__ import annotations

from pathlib import Path

import pytest
from statelint.linter import Linter

from leeward.state_machines.compile.runbook_compiler import CompiledRunbook
from tests.state_machines.conftest import every_machine
from tests.support.asl_validator import asl_validator

MACHINES = every_machine()


@pytest.mark.parametrize("compiled", MACHINES, ids=lambda c: f"{c.application}-{c.runbook}")
def test_statelint_finds_nothing(compiled: CompiledRunbook) -> None:
    assert Linter.validate(compiled.definition) == []


def test_statelint_reports_broken_machine() -> None:
    broken = MACHINES[0].definition | {"StartAt": "Nowhere"}
    assert Linter.validate(broken)


@pytest.mark.verify("every compiled machine in a Node process")
def test_asl_validator_finds_nothing(tmp_path: Path) -> None:
    files = []
    for compiled in MACHINES:
        files.append(tmp_path / f"{compiled.application}-{compiled.runbook}.json")
        files[-1].write_text(compiled.text, "utf-8")
    result = asl_validator(files)
    assert result.returncode == 0, result.stdout + result.stderr


def test_asl_validator_reports_broken_machine(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}}}')
    assert asl_validator([broken]).returncode != 0
