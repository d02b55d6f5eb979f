"""Failovers of the website that an operator stops: while servers launch, while a task waits to retry, and at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from leeward.rehearsal.scenarios.scenario_documents import InvocationFails, ScenarioFault, UserSettings
from leeward.rehearsal.scenarios.scenario_loader import load_world_document
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from tests.rehearsals.patches.short_rehearsals.observations import Observation, observe_run
from tests.support.paths import REPOSITORY
from tests.support.website_session import website_session


def website_with_one_user(*faults: ScenarioFault, **options: Any) -> RehearsalSession:
    """The website with one user, whose primary Region fails after five minutes."""
    world = load_world_document(REPOSITORY / "workloads", "website")
    return website_session(*faults, world=world.model_copy(update={"users": UserSettings(count=1)}), **options)


def start_failover(stage: RehearsalSession, name: str = "run") -> RehearsedRun:
    """Start the failover two minutes after the incident."""
    stage.wait_until(stage.incident_at + timedelta(minutes=2))
    return stage.start_run(name, {"incident_at": stage.incident_at.isoformat()})


def _stop(stage: RehearsalSession, run: RehearsedRun) -> None:
    machine = stage.engine.client("stepfunctions", stage.world.target)
    machine.stop_execution(executionArn=run.execution, error="Operator", cause="wait")


def stopped_failover() -> Observation:
    """The operator stops the run while servers launch, and then redrives it."""
    with website_with_one_user() as stage:
        run = start_failover(stage)
        stage.engine.clock.sleep(200)
        _stop(stage, run)
        stopped = stage.wait_for_end(run)
        stage.engine.clock.sleep(60)
        stage.engine.redrive_execution(run.execution)
        described = stage.engine.client("stepfunctions", stage.world.target).describe_execution(
            executionArn=run.execution
        )
        facts = {"stop error": stopped.error, "redrives": described.get("redriveCount")}
        return observe_run(stage, run, **facts)


def repeated_failover() -> Observation:
    """The same, for the second time in the process."""
    stopped_failover()
    return stopped_failover()


def stop_during_retry() -> Observation:
    """The operator stops the run while a task waits for its next attempt."""
    fault = InvocationFails(kind="invocation", function="lock-acquire", error="Lambda.Unknown", times=9)
    with website_with_one_user(fault) as stage:
        run = start_failover(stage)
        stage.engine.clock.sleep(30)
        _stop(stage, run)
        return observe_run(stage, run)


def stop_during_call() -> Observation:
    """The operator stops the run while the function of the preflight works."""
    with website_with_one_user() as stage:
        run = start_failover(stage)
        stage.engine.clock.sleep(11)
        _stop(stage, run)
        stage.wait_for_end(run)
        stage.engine.clock.sleep(60)
        return observe_run(stage, run)


def stop_at_once() -> Observation:
    """The operator stops the run in the instant in which it starts."""
    with website_with_one_user() as stage:
        run = start_failover(stage)
        _stop(stage, run)
        return observe_run(stage, run)
