"""Rehearsals of a few seconds that together use most of the twin. Each returns what it observed, as JSON values."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.rehearsals.patches.short_rehearsals import operators, process_state, services, stops
from tests.rehearsals.patches.short_rehearsals.observations import Observation

REHEARSALS: Mapping[str, Callable[[], Observation]] = {
    each.__name__.replace("_", " "): each
    for each in (
        stops.stopped_failover,
        stops.stop_during_retry,
        stops.stop_during_call,
        stops.stop_at_once,
        operators.failed_approval,
        operators.second_answer,
        operators.unnamed_starts,
        operators.repeated_unnamed_starts,
        process_state.handler_with_thread,
        process_state.long_polling,
        process_state.throttled_runs,
        process_state.endless_retries,
        process_state.process_afterward,
        services.weighted_failover,
        services.weighted_failback,
        services.stopped_function,
        services.stopped_servers,
        services.unknown_error,
        services.readiness_of_website,
        services.readiness_of_ticketing,
        stops.repeated_failover,
    )
}
