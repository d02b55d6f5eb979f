"""The validator that exists for Node only."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.paths import REPOSITORY

ASL_VALIDATOR = REPOSITORY / "tools" / "asl-validator" / "node_modules" / ".bin" / "asl-validator"


def asl_validator(files: list[Path]) -> subprocess.CompletedProcess[str]:
    """Asked about all of them at once; fails, or skips, where it is not installed."""
    if not ASL_VALIDATOR.exists():
        if os.environ.get("LEEWARD_REQUIRE_NODE") == "1":
            pytest.fail(f"{ASL_VALIDATOR.relative_to(REPOSITORY)} is not installed; `make test` installs it")
        pytest.skip("asl-validator is not installed (make test installs it)")
    command = [str(ASL_VALIDATOR), *(part for file in files for part in ("--json-path", str(file)))]
    # Node comes with the virtual environment, if it is not on the machine.
    path = f"{REPOSITORY / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": path})
