"""A cold start: importing a handler is quick and touches neither AWS nor the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lambdas.test_contract import HANDLERS

ROOT = Path(__file__).parents[2]
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
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split(maxsplit=2)


def test_no_client_is_made(imported: list[str]) -> None:
    assert imported[0] == "0"


def test_it_is_quick(imported: list[str]) -> None:
    assert float(imported[1]) < 2.0, "all handlers together"


def test_nothing_of_the_twin_the_compiler_or_the_command_is_loaded(imported: list[str]) -> None:
    assert imported[2].strip() == "[]"
