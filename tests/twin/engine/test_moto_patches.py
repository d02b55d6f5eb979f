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
from tests.twin.engine.patch_experiments.aws_patches import CONTROL

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
    "service_models.share_parsed_models": (True, False),
    "service_models.list_services_once": (0, 1),
    "runtime_patching.sleep_on_virtual_time": (0.01, 0.0),
    "runtime_patching.draw_random_bytes_from_seed": (True, False),
    "runtime_patching.refuse_threads_of_handlers": ("FAILED", "SUCCEEDED"),
    "urllib3_interceptor.answer_plain_requests": ("simulated", "NewConnectionError"),
    "lambda_backend.run_functions_in_process": ({"n": 2}, {"n": 1}),
    "lambda_backend.enforce_reserved_concurrency": (0, "TypeError"),
    "caller_errors.report_task_state_errors": ("Lambda.Unknown", "States.Runtime"),
    "write_capture.report_writes": (["t"], []),
    "write_capture.copy_touched_items": (0, 20),
    "query_index.query_by_index": (0, 20),
    "replica_description.describe_replicas": (["us-east-1"], []),
    "ec2_status_checks.delay_status_checks": ("initializing", "ok"),
    "ec2_status_checks.renew_launch_time": (True, False),
    "ec2_power_events.report_power_changes": (["stopped"], []),
    "elbv2_target_health.report_checked_health": ("unused", "healthy"),
    "route53_changes.propagate_record_changes": ("PENDING", "INSYNC"),
    "route53_health_checks.store_routing_control": (CONTROL, None),
    "service_quotas.add_vcpu_quota": ("L-1216C47A", "NoSuchResourceException"),
    "policy_simulation.add_policy_simulation": ("implicitDeny", "NotSimulated"),
    "task_clients.use_separate_clients": (False, True),
    "service_plugin.route_calls_to_added_services": ([], "NotSimulated"),
}


@pytest.fixture(scope="module")
def raw() -> dict[str, Any]:
    """What each experiment sees without its repair."""
    command = [sys.executable, "-m", "tests.twin.engine.patch_experiments"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True)
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def test_every_patch_has_an_experiment() -> None:
    assert set(EXPERIMENTS) == set(EXPECTED) == set(PATCHES.names)


def test_every_experiment_observes_its_patch() -> None:
    assert [name for name, (patched, unpatched) in EXPECTED.items() if patched == unpatched] == []


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
