"""Each repair is needed, and works: what its experiment sees with all repairs, and without just that one.

A test that fails on the raw side says that moto has changed: drop the repair, or write it anew.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import moto
import pytest

from leeward.twin.engine import repairs
from leeward.twin.engine.repairs import rebind
from tests.twin.engine.experiments import EXPERIMENTS

ROOT = Path(__file__).parents[3]
CAUGHT, UNCAUGHT = ["SUCCEEDED", ["A", "Caught"], 30.0], ["FAILED", ["A"], 30.0]
EVENTS = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]

# repair: (with it, in raw moto)
EXPECTED: dict[str, tuple[Any, Any]] = {
    "rebind.threads_and_clocks": (["SUCCEEDED", 3600.0], "fails"),
    "rebind.clients_that_wait": (21.0, "hangs"),
    "ids.heap_keys": (True, False),
    "ids.task_tokens": (True, False),
    "ids.backend_ids": (True, False),
    "stopping.stop_wakes_states": (["ABORTED", 500.0], ["ABORTED", 800.0]),
    "stopping.stop_ends_back_off": (["ABORTED", 1000.0], ["ABORTED", 3000.0]),
    "stopping.abandoned_tasks_are_silent": (False, True),
    "stopping.event_quota": ("FAILED", "SUCCEEDED"),
    "execution_api.default_name": ([True, False], "ExecutionAlreadyExists"),
    "execution_api.not_yet_begun": ("ABORTED", "AttributeError"),
    "execution_api.abort_details": (["Operator", "enough"], [None, None]),
    "execution_api.failure_cause": (["Rejected", "not today"], ["Rejected", None]),
    "execution_api.quoted_output": ('"text"', "text"),
    "execution_api.timed_out_stop_date": (["TIMED_OUT", True], ["TIMED_OUT", False]),
    "execution_api.exact_timestamps": ("2026-03-01T09:00:00.000123Z", "2026-03-01T09:00:00.000Z"),
    "execution_api.end_announced": ("SUCCEEDED", "Deadlock"),
    "execution_api.events_announced": (EVENTS, []),
    "timeouts.heartbeat_timeout_name": (CAUGHT, UNCAUGHT),
    "timeouts.heartbeat_without_timeout": (["SUCCEEDED", 100.0], ["FAILED", 60.0]),
    "timeouts.answer_before_the_wait": (["SUCCEEDED", 0.0], ["FAILED", 30.0]),
    "timeouts.late_answers": ("TaskTimedOut", "accepted"),
    "redriving.execution_goes_on": (["SUCCEEDED", 1], ["SUCCEEDED", 2]),
    "redrive_api.redrive_execution": (["SUCCEEDED", 1], "fails"),
    "redrive_api.redrives_told": (1, None),
    "memory.ended_threads": (False, True),
    "memory.ended_backends": (False, True),
    "memory.spent_retries": (3, 1),
    "speed.definitions_parsed_once": (True, False),
    "speed.quick_prediction": (True, False),
    "speed.paths_parsed_once": (True, False),
    "speed.clients_made_once": (True, False),
    "speed.failures_not_printed": (False, True),
    "speed.operations_listed_once": (True, False),
    "speed.signatures_not_computed": (True, False),
    "speed.attributes_found_at_once": (1, 3),
    "economy.absent_members_passed_over": (2, 16),
    "economy.backends_found_at_once": (1, 2),
    "economy.request_ids_not_drawn": (True, False),
    "economy.user_agents_worded_once": (True, False),
    "economy.requests_made_at_once": (1, 2),
    "economy.plain_values_copied": (True, False),
    "bodies.bodies_written_at_once": (1, 2),
}


@pytest.fixture(scope="module")
def raw() -> dict[str, Any]:
    """What each experiment sees without its repair."""
    command = [sys.executable, "-m", "tests.twin.engine.experiments"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def test_every_repair_has_an_experiment() -> None:
    assert set(EXPERIMENTS) == set(EXPECTED) == set(repairs.names())


@pytest.mark.parametrize("name", EXPECTED)
def test_with_the_repair(name: str) -> None:
    def give_up(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    try:
        assert EXPERIMENTS[name]() == EXPECTED[name][0]
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("name", EXPECTED)
def test_in_raw_moto(name: str, raw: dict[str, Any]) -> None:
    assert raw[name] == EXPECTED[name][1]


def test_the_repairs_are_written_for_the_installed_moto() -> None:
    assert moto.__version__ == repairs.MOTO


@pytest.mark.parametrize("repair", repairs.REPAIRS, ids=repairs.name_of)
def test_every_repair_says_what_raw_moto_does(repair: repairs.Repair) -> None:
    assert "moto" in (repair.__doc__ or "")


def test_no_module_of_the_interpreter_still_holds_real_threads_or_clocks() -> None:
    for name in ("stopping.stop_wakes_states", "execution_api.failure_cause"):
        EXPERIMENTS[name]()  # whatever moto imports late is imported by now
    assert rebind.scan() == []
