"""The run without an outage, with which the trials are compared, and the session at its start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from leeward.common.naming import resource_names
from leeward.rehearsal.results.result_models import ExecutionOutcome, RehearsalResult
from leeward.rehearsal.runner.prerequisite_runs import describe_failed_failover
from leeward.rehearsal.runner.single_rehearsal import PreparedRehearsal, play_run, restore_origin
from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.snapshots.world_snapshot import WorldSnapshot, take_world_snapshot

# The run is approved before it starts, so that it asks only about failed steps.
RUN_INPUT: dict[str, Any] = {"approve": True}
# Replication that a run started has caught up by then, so that a delayed run can reach the same state. That of disks
# takes hours, and that of tables seconds.
_SETTLE_TIME, _SERVERLESS_SETTLE_TIME = timedelta(hours=4), timedelta(minutes=5)
# These depend on when the run ends. Whether the users moved is compared separately.
_IGNORED_FIELDS = frozenset({"users", "lost writes"})
_LAMBDA = "lambda"

ServiceInRegion = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CleanRun:
    """What the run does and reaches without an outage.

    - `calls`: how many calls the run's functions make to each service in each Region. Lambda counts the invocations.
    - `run_region`: where the state machine and the functions run.
    - `broken_invariants`: the invariants that the run breaks even without an outage.
    """

    seconds: float
    calls: Counter[ServiceInRegion]
    run_region: str
    end: WorldSnapshot
    moved_clients: int | None
    broken_invariants: frozenset[str]


@contextmanager
def open_session_at_start(prepared: PreparedRehearsal, seed: int) -> Iterator[RehearsalSession]:
    """Open the session, play the runs before the run, and advance time to its start.

    Raises CannotRehearse when a run before it fails.
    """
    ready = prepared.ready
    with RehearsalSession(
        ready, prepared.world_document, prepared.scenario_document, seed, other_runbooks=prepared.prerequisites
    ) as session:
        for earlier in prepared.prerequisites:
            _, result = play_run(session, earlier, "before", {})
            if (failure := describe_failed_failover(result)) is not None:
                raise CannotRehearse(f"the dependencies can't be computed, because {failure}")
            restore_origin(session)
        responds = ready.compiled.run_regions.origin == session.world.origin
        if responds and session.incident_at > session.incidents_answered_until:
            session.wait_until(session.incident_at + session.scenario.start.after)
        yield session


def play_clean_run(prepared: PreparedRehearsal, seed: int) -> CleanRun:
    """Play the run without an outage. Raises CannotRehearse when it doesn't succeed."""
    with open_session_at_start(prepared, seed) as session:
        first_call = len(session.engine.interceptor.calls)
        run, result = play_run(session, prepared.ready, "run", RUN_INPUT)
        if result.outcome is not ExecutionOutcome.SUCCEEDED:
            cause = " ".join((result.cause or result.error or "").split())
            raise CannotRehearse(f"the run without an outage {result.outcome.value}: {cause}")
        own = (call for call in session.engine.interceptor.calls[first_call:] if is_task(call.caller))
        calls: Counter[ServiceInRegion] = Counter((call.service, call.region) for call in own)
        calls[_LAMBDA, run.way.target] += result.usage.lambda_invocations
        return CleanRun(
            seconds=(result.ended_at - result.started_at).total_seconds(),
            calls=calls,
            run_region=run.way.target,
            end=read_end(session),
            moved_clients=result.clients.moved,
            broken_invariants=broken_invariants(result),
        )


def is_task(caller: str | None) -> bool:
    """Return whether the caller is a function of the run. The application's own functions belong to the workload."""
    return caller is not None and caller.startswith(f"{resource_names.PREFIX}-")


def broken_invariants(result: RehearsalResult) -> frozenset[str]:
    """Return the names of the invariants that the run broke."""
    return frozenset(each.name for each in result.invariants if each.violated)


def read_end(session: RehearsalSession) -> WorldSnapshot:
    """Return the state of the world after replication has settled."""
    session.wait_without_users(_SETTLE_TIME if session.world.source_servers else _SERVERLESS_SETTLE_TIME)
    return {name: value for name, value in take_world_snapshot(session).items() if name not in _IGNORED_FIELDS}
