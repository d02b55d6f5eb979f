"""A cold start: importing a handler is quick and touches neither AWS nor the environment."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.lambdas.test_state_machine_contract import HANDLERS
from tests.support.paths import REPOSITORY

SCRIPT = """
import sys
import botocore.session
made = []
botocore.session.Session.create_client = lambda self, *a, **k: made.append(a)
for name in sys.argv[1:]:
    __import__("leeward.lambdas." + name)
heavy = ("moto", "ruamel", "typer", "rich", "leeward.twin", "leeward.state_machines", "aws_xray_sdk", "jinja2", "boto3")
print(len(made), [m for m in heavy if m in sys.modules])
"""
TIMED = "import sys, time; began = time.process_time(); __import__(sys.argv[1]); print(time.process_time() - began)"
# Importing a task takes at most this many times the CPU time of importing boto3.
MAXIMUM_RATIO = 2.0
# A task that calls DRS and EC2, the one that measures the run, the one that renders pages, and one that starts a run.
SAMPLE = ["board", "drs_recover", "run_end", "start"]


def _environment(**more: str) -> dict[str, str]:
    """Return this process's environment without Leeward's variables. Bytecode may be written and reused."""
    left_out = ("LEEWARD", "AWS", "PYTHONDONTWRITEBYTECODE")
    return {k: v for k, v in os.environ.items() if not k.startswith(left_out)} | more


def _run(script: str, *arguments: str, **more: str) -> str:
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, env=_environment(**more), capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def imported() -> list[str]:
    """What importing every handler did, in a process that has no environment of Leeward's."""
    return _run(SCRIPT, *HANDLERS).split(maxsplit=1)


def test_importing_handlers_creates_no_client(imported: list[str]) -> None:
    assert imported[0] == "0"


def test_importing_handlers_loads_nothing_that_most_calls_never_use(imported: list[str]) -> None:
    assert imported[1].strip() == "[]"


def _compare_with_boto3(task: str) -> float:
    """Return the ratio of the CPU times of the two imports, each the best of several fresh processes.

    Other processes make single measurements longer, never shorter. So more rounds are measured while the ratio is high.
    """
    ours, theirs = [], []
    for measured in range(13):
        ours.append(float(_run(TIMED, f"leeward.lambdas.{task}")))
        theirs.append(float(_run(TIMED, "boto3")))
        if measured >= 4 and min(ours[1:]) <= MAXIMUM_RATIO * min(theirs[1:]):
            break
    return min(ours[1:]) / min(theirs[1:])  # the first round may have compiled the modules


@pytest.mark.parametrize("task", SAMPLE)
def test_importing_a_task_takes_at_most_twice_as_long_as_boto3(task: str) -> None:
    assert _compare_with_boto3(task) <= MAXIMUM_RATIO


@pytest.mark.parametrize("task", sorted(set(HANDLERS) - set(SAMPLE)))
@pytest.mark.verify("ten fresh processes for each of 38 tasks")
def test_importing_any_task_takes_at_most_twice_as_long_as_boto3(task: str) -> None:
    assert _compare_with_boto3(task) <= MAXIMUM_RATIO


def test_calls_are_traced_in_lambda_only() -> None:
    traced = "from leeward.lambdas.runtime.telemetry.observability import tracer; print(type(tracer).__name__)"
    assert _run(traced).strip() == "_DisabledTracer"
    assert _run(traced, LAMBDA_TASK_ROOT="/var/task").strip() == "Tracer"
    patched = f"{traced}; from botocore.client import BaseClient; print(type(BaseClient._make_api_call))"
    assert "BoundFunctionWrapper" in _run(patched, LAMBDA_TASK_ROOT="/var/task")
