"""Which short rehearsal shows each patch, and which patches no rehearsal can show."""

from __future__ import annotations

from collections.abc import Mapping

from leeward.rehearsal.worlds.world_builder import PATCHES

# Rehearsal: the patches without which it changes.
_SHOWN: Mapping[str, tuple[str, ...]] = {
    "stopped failover": (
        "runtime_patching.sleep_on_virtual_time",
        "urllib3_interceptor.answer_plain_requests",
        "interpreter_threads.replace_threads_and_clocks",
        "deterministic_ids.derive_task_tokens",
        "execution_stopping.wake_states_on_stop",
        "execution_api.keep_abort_details",
        "execution_api.quote_string_output",
        "execution_api.use_exact_timestamps",
        "execution_api.format_context_times",
        "execution_api.publish_execution_end",
        "execution_api.publish_history_events",
        "redrive_evaluation.resume_redriven_execution",
        "redrive_api.add_redrive_execution",
        "redrive_api.report_redrives",
        "lambda_backend.run_functions_in_process",
        "ec2_status_checks.delay_status_checks",
        "elbv2_target_health.report_checked_health",
        "service_plugin.route_calls_to_added_services",
    ),
    "stop during retry": ("execution_stopping.end_backoff_on_stop",),
    "stop during call": ("execution_stopping.silence_abandoned_tasks",),
    "stop at once": ("execution_api.tolerate_unstarted_executions",),
    "failed approval": ("execution_api.keep_failure_cause",),
    "second answer": ("task_timeouts.reject_late_answers",),
    "unnamed starts": (
        "runtime_patching.draw_random_bytes_from_seed",
        "deterministic_ids.number_heap_keys",
        "execution_api.generate_default_name",
    ),
    "repeated unnamed starts": ("deterministic_ids.number_backend_ids",),
    "handler with thread": ("runtime_patching.refuse_threads_of_handlers",),
    "long polling": ("interpreter_threads.replace_client_waits",),
    "endless retries": ("execution_api.add_timed_out_stop_date",),
    "throttled runs": ("retained_state.reset_retry_quotas",),
    "process afterward": (
        "retained_state.release_ended_threads",
        "retained_state.release_ended_backends",
        "task_clients.use_separate_clients",
    ),
    "weighted failover": (
        "write_capture.report_writes",
        "replica_description.describe_replicas",
    ),
    "weighted failback": ("route53_changes.propagate_record_changes",),
    "stopped function": ("lambda_backend.enforce_reserved_concurrency",),
    "stopped servers": ("ec2_status_checks.renew_launch_time", "ec2_power_events.report_power_changes"),
    "unknown error": ("caller_errors.report_task_state_errors",),
    "readiness of website": (
        "service_quotas.add_vcpu_quota",
        "policy_simulation.add_policy_simulation",
        "route53_health_checks.store_routing_control",
    ),
    "repeated failover": ("request_overhead.use_constant_request_ids",),
}
SHOWN_BY: Mapping[str, str] = {patch: rehearsal for rehearsal, patches in _SHOWN.items() for patch in patches}

_HEARTBEAT = (
    "No compiled runbook has HeartbeatSeconds. A served twin also runs definitions that Leeward didn't compile."
)
# Patches that no rehearsal can show, and why. There may be four at most.
NOT_SHOWN: Mapping[str, str] = {
    "execution_stopping.enforce_event_quota": (
        "A run has 25,000 events only after an operator has retried a step about 700 times, which takes minutes "
        "to simulate."
    ),
    "task_timeouts.match_heartbeat_timeout": _HEARTBEAT,
    "task_timeouts.drop_implicit_timeout": _HEARTBEAT,
    "task_timeouts.accept_early_answers": _HEARTBEAT,
}
MOST_NOT_SHOWN = 4

# All other patches save work: they change what a rehearsal costs, and not what it observes.
SAVING = tuple(name for name in PATCHES.names if name not in SHOWN_BY and name not in NOT_SHOWN)
# The stopped failover has no transaction, and no task of it fails.
_COST_REHEARSALS = {
    "write_capture.copy_touched_items": "weighted failover",
    "interpreter_overhead.skip_failure_logs": "unknown error",
}
COST_REHEARSALS: Mapping[str, str] = {name: _COST_REHEARSALS.get(name, "stopped failover") for name in SAVING}
