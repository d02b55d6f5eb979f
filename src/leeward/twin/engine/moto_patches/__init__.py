"""Patches moto's Step Functions interpreter to run on virtual time and to behave as AWS does.

Each patch is a function whose docstring says what unpatched moto does. `tests/twin/engine/test_moto_patches.py` runs an
engine without each patch in turn, so a patch that is no longer needed, or that no longer works, fails a test. The
patches are written for one version of moto. Only `twin.engine` may import this package.
"""

from __future__ import annotations

import moto

from leeward.twin.engine.moto_patches.determinism import deterministic_ids, interpreter_threads, retained_state
from leeward.twin.engine.moto_patches.fidelity import (
    execution_api,
    execution_stopping,
    redrive_api,
    redrive_evaluation,
    task_timeouts,
)
from leeward.twin.engine.moto_patches.performance import interpreter_overhead, json_responses, request_overhead
from leeward.twin.errors import MotoPatchFailed
from leeward.twin.patching.patch_set import Patch

MOTO_VERSION = "5.2.5"

# The order matters: later patches build on the clocks and threads that the first ones install.
INTERPRETER_PATCHES: tuple[Patch, ...] = (
    interpreter_threads.replace_threads_and_clocks,
    interpreter_threads.replace_client_waits,
    deterministic_ids.number_heap_keys,
    deterministic_ids.derive_task_tokens,
    deterministic_ids.number_backend_ids,
    execution_stopping.wake_states_on_stop,
    execution_stopping.end_backoff_on_stop,
    execution_stopping.silence_abandoned_tasks,
    execution_stopping.enforce_event_quota,
    execution_api.generate_default_name,
    execution_api.tolerate_unstarted_executions,
    execution_api.keep_abort_details,
    execution_api.keep_failure_cause,
    execution_api.quote_string_output,
    execution_api.add_timed_out_stop_date,
    execution_api.use_exact_timestamps,
    execution_api.format_context_times,
    execution_api.publish_execution_end,
    execution_api.publish_history_events,
    task_timeouts.match_heartbeat_timeout,
    task_timeouts.drop_implicit_timeout,
    task_timeouts.accept_early_answers,
    task_timeouts.reject_late_answers,
    redrive_evaluation.resume_redriven_execution,
    redrive_api.add_redrive_execution,
    redrive_api.report_redrives,
    retained_state.release_ended_threads,
    retained_state.release_ended_backends,
    retained_state.reset_retry_quotas,
    interpreter_overhead.cache_definitions,
    interpreter_overhead.use_fast_prediction,
    interpreter_overhead.cache_json_paths,
    interpreter_overhead.skip_failure_logs,
    interpreter_overhead.cache_operation_names,
    interpreter_overhead.skip_signatures,
    request_overhead.skip_absent_members,
    request_overhead.cache_backends,
    request_overhead.use_constant_request_ids,
    request_overhead.cache_user_agents,
    request_overhead.build_requests_directly,
    request_overhead.copy_json_values,
    request_overhead.cache_condition_tokens,
    json_responses.write_json_directly,
)


def check_moto_version() -> None:
    """Raise MotoPatchFailed when another version of moto is installed."""
    if moto.__version__ != MOTO_VERSION:
        raise MotoPatchFailed(f"the twin requires moto {MOTO_VERSION}, but moto {moto.__version__} is installed")
