"""A cold start: importing a handler is quick and touches neither AWS nor the environment."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.lambdas.test_state_machine_contract import HANDLERS
from tests.support.paths import REPOSITORY

SCRIPT = """
import sys, time
import boto3
made = []
boto3.session.Session.client = lambda self, *a, **k: made.append(a)
began = time.process_time()
for name in sys.argv[1:]:
    __import__("leeward.lambdas." + name)
took = time.process_time() - began
heavy = [m for m in ("moto", "ruamel", "typer", "rich", "leeward.twin", "leeward.state_machines") if m in sys.modules]
print(len(made), took, heavy)
"""


@pytest.fixture(scope="module")
def imported() -> list[str]:
    """What importing every handler did, in a process that has no environment of Leeward's."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LEEWARD", "AWS"))}
    command = [sys.executable, "-c", SCRIPT, *HANDLERS]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split(maxsplit=2)


def test_importing_handlers_creates_no_client(imported: list[str]) -> None:
    assert imported[0] == "0"


def test_importing_handlers_is_fast(imported: list[str]) -> None:
    assert float(imported[1]) < 2.0, "all handlers together"


def test_importing_handlers_loads_no_twin_compiler_or_cli(imported: list[str]) -> None:
    assert imported[2].strip() == "[]"
