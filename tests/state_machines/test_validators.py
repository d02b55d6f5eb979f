"""Two validators that know nothing of Leeward; each finds what the other misses."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from statelint.linter import Linter

from state_machines.compile.machine import CompiledRunbook
from tests.state_machines.conftest import every_machine

REPOSITORY = Path(__file__).parents[2]
ASL_VALIDATOR = REPOSITORY / "tools" / "asl-validator" / "node_modules" / ".bin" / "asl-validator"
MACHINES = every_machine()


@pytest.mark.parametrize("compiled", MACHINES, ids=lambda c: f"{c.application}-{c.runbook}")
def test_statelint_finds_nothing(compiled: CompiledRunbook) -> None:
    assert Linter.validate(compiled.definition) == []


def test_statelint_would_find_something() -> None:
    broken = MACHINES[0].definition | {"StartAt": "Nowhere"}
    assert Linter.validate(broken)


def _asl_validator(files: list[Path]) -> subprocess.CompletedProcess[str]:
    if not ASL_VALIDATOR.exists():
        if os.environ.get("LEEWARD_REQUIRE_NODE") == "1":
            pytest.fail(f"{ASL_VALIDATOR.relative_to(REPOSITORY)} is not installed; `make test` installs it")
        pytest.skip("asl-validator is not installed (make test installs it)")
    command = [str(ASL_VALIDATOR), *(part for file in files for part in ("--json-path", str(file)))]
    # Node comes with the virtual environment, if it is not on the machine.
    path = f"{REPOSITORY / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": path})


def test_asl_validator_finds_nothing(tmp_path: Path) -> None:
    files = []
    for compiled in MACHINES:
        files.append(tmp_path / f"{compiled.application}-{compiled.runbook}.json")
        files[-1].write_text(compiled.text, "utf-8")
    result = _asl_validator(files)
    assert result.returncode == 0, result.stdout + result.stderr


def test_asl_validator_would_find_something(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}}}')
    assert _asl_validator([broken]).returncode != 0
