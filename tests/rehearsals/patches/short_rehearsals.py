"""Rehearsals that together use most of the twin, and what they observe, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from leeward.rehearsal.assessment.run_assessment import assess_run
from leeward.rehearsal.scenarios.scenario_documents import UserSettings
from leeward.rehearsal.scenarios.scenario_loader import load_world_document
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from tests.rehearsals.ticketing.test_incidents_and_runs import IRELAND, ticketing_session
from tests.support.paths import REPOSITORY
from tests.support.website_session import website_session


def stopped_failover() -> Any:
    """A failover of the website that an operator stops while servers launch, and then redrives."""
    world = load_world_document(REPOSITORY / "workloads", "website")
    with website_session(world=world.model_copy(update={"users": UserSettings(count=1)})) as stage:
        stage.wait_until(stage.incident_at + timedelta(minutes=2))
        run = stage.start_run("run", {"incident_at": stage.incident_at.isoformat()})
        stage.engine.clock.sleep(200)
        machine = stage.engine.client("stepfunctions", stage.world.target)
        machine.stop_execution(executionArn=run.execution, error="Operator", cause="wait")
        stopped = stage.wait_for_end(run)
        stage.engine.clock.sleep(60)
        stage.engine.redrive_execution(run.execution)
        described = machine.describe_execution(executionArn=run.execution)
        return [stopped.error, stopped.cause, str(described.get("redriveCount")), *_observe(stage, run)]


def weighted_failover() -> Any:
    """A failover of the ticketing service, which writes to tables and changes DNS records."""
    with ticketing_session(failed_region=IRELAND, runbook="failover-weighted", variant="weighted") as stage:
        stage.wait_until(stage.incident_at + timedelta(seconds=10))
        return _observe(stage, stage.start_run("run", {"incident_at": stage.incident_at.isoformat()}))


def _observe(stage: RehearsalSession, run: RehearsedRun) -> list[Any]:
    ended = stage.wait_for_end(run)
    history = stage.engine.get_history(run.execution)
    calls = [[str(call.at), call.operation, call.outcome] for call in stage.engine.interceptor.calls]
    return [ended.status, history, calls, assess_run(stage, run, ended, "").model_dump_json()]


REHEARSALS: Mapping[str, Callable[[], Any]] = {
    "stopped failover": stopped_failover,
    "weighted failover": weighted_failover,
    # The same again, in the same process.
    "repeated failover": stopped_failover,
}
