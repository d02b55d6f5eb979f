"""Each patch of moto is needed, and works: its experiment runs with all patches, and without that one.

If a test fails without the patch, moto has changed: remove or rewrite the patch.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

import moto
import pytest

from leeward.twin.engine import PATCHES, moto_patches
from leeward.twin.engine.moto_patches.determinism import interpreter_threads
from leeward.twin.patching.patch_set import Patch, patch_name
from tests.support.paths import REPOSITORY
from tests.twin.engine.patch_experiments import EXPERIMENTS

CAUGHT, UNCAUGHT = ["SUCCEEDED", ["A", "Caught"], 30.0], ["FAILED", ["A"], 30.0]
EVENTS = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]

# repair: (with it, in raw moto)
EXPECTED: dict[str, tuple[Any, Any]] = {
    "interpreter_threads.replace_threads_and_clocks": (["SUCCEEDED", 3600.0], "fails"),
    "interpreter_threads.replace_client_waits": (21.0, "hangs"),
    "deterministic_ids.number_heap_keys": (True, False),
    "deterministic_ids.derive_task_tokens": (True, False),
    "deterministic_ids.number_backend_ids": (True, False),
    "execution_stopping.wake_states_on_stop": (["ABORTED", 500.0], ["ABORTED", 800.0]),
    "execution_stopping.end_backoff_on_stop": (["ABORTED", 1000.0], ["ABORTED", 3000.0]),
    "execution_stopping.silence_abandoned_tasks": (False, True),
    "execution_stopping.enforce_event_quota": ("FAILED", "SUCCEEDED"),
    "execution_api.generate_default_name": ([True, False], "ExecutionAlreadyExists"),
    "execution_api.tolerate_unstarted_executions": ("ABORTED", "AttributeError"),
    "execution_api.keep_abort_details": (["Operator", "enough"], [None, None]),
    "execution_api.keep_failure_cause": (["Rejected", "not today"], ["Rejected", None]),
    "execution_api.quote_string_output": ('"text"', "text"),
    "execution_api.add_timed_out_stop_date": (["TIMED_OUT", True], ["TIMED_OUT", False]),
    "execution_api.use_exact_timestamps": ("2026-03-01T09:00:00.000123Z", "2026-03-01T09:00:00.000Z"),
    "execution_api.format_context_times": (["2026-03-01T09:00:00.000Z"] * 2, ["2026-03-01T09:00:00+00:00"] * 2),
    "execution_api.publish_execution_end": ("SUCCEEDED", "Deadlock"),
    "execution_api.publish_history_events": (EVENTS, []),
    "task_timeouts.match_heartbeat_timeout": (CAUGHT, UNCAUGHT),
    "task_timeouts.drop_implicit_timeout": (["SUCCEEDED", 100.0], ["FAILED", 60.0]),
    "task_timeouts.accept_early_answers": (["SUCCEEDED", 0.0], ["FAILED", 30.0]),
    "task_timeouts.reject_late_answers": ("TaskTimedOut", "accepted"),
    "redrive_evaluation.resume_redriven_execution": (["SUCCEEDED", 1], ["SUCCEEDED", 2]),
    "redrive_api.add_redrive_execution": (["SUCCEEDED", 1], "fails"),
    "redrive_api.report_redrives": (1, None),
    "retained_state.release_ended_threads": (False, True),
    "retained_state.release_ended_backends": (False, True),
    "retained_state.reset_retry_quotas": (3, 1),
    "interpreter_overhead.cache_definitions": (True, False),
    "interpreter_overhead.use_fast_prediction": (True, False),
    "interpreter_overhead.cache_json_paths": (True, False),
    "interpreter_overhead.cache_task_clients": (True, False),
    "interpreter_overhead.skip_failure_logs": (False, True),
    "interpreter_overhead.cache_operation_names": (True, False),
    "interpreter_overhead.skip_signatures": (True, False),
    "interpreter_overhead.cache_attribute_names": (1, 3),
    "request_overhead.skip_absent_members": (2, 16),
    "request_overhead.cache_backends": (1, 2),
    "request_overhead.use_constant_request_ids": (True, False),
    "request_overhead.cache_user_agents": (True, False),
    "request_overhead.build_requests_directly": (1, 2),
    "request_overhead.copy_json_values": (True, False),
    "request_overhead.cache_condition_tokens": (5, 10),
    "json_responses.write_json_directly": (1, 2),
}


@pytest.fixture(scope="module")
def raw() -> dict[str, Any]:
    """What each experiment sees without its repair."""
    command = [sys.executable, "-m", "tests.twin.engine.patch_experiments"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True)
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def test_every_patch_has_an_experiment() -> None:
    assert set(EXPERIMENTS) == set(EXPECTED) == set(map(patch_name, moto_patches.INTERPRETER_PATCHES))


@pytest.mark.parametrize("name", EXPECTED)
def test_patched_behavior(name: str) -> None:
    def give_up(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    try:
        assert EXPERIMENTS[name]() == EXPECTED[name][0]
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("name", EXPECTED)
def test_unpatched_behavior(name: str, raw: dict[str, Any]) -> None:
    assert raw[name] == EXPECTED[name][1]


def test_patches_match_installed_moto_version() -> None:
    assert moto.__version__ == moto_patches.MOTO_VERSION


@pytest.mark.parametrize("repair", moto_patches.INTERPRETER_PATCHES, ids=patch_name)
def test_every_patch_documents_unpatched_moto(repair: Patch) -> None:
    assert "moto" in (repair.__doc__ or "")


def test_interpreter_has_no_real_threads_or_clocks() -> None:
    for name in ("execution_stopping.wake_states_on_stop", "execution_api.keep_failure_cause"):
        EXPERIMENTS[name]()  # whatever moto imports late is imported by now
    with PATCHES.applied():
        assert interpreter_threads.rebind_modules() == []
