"""Rehearses a run from its trigger: an alarm, a schedule, or a start in the console.

The trigger, the functions, their roles, and the state machine come from the synthesized templates.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from leeward.common.naming import resource_names
from leeward.rehearsal.assessment.evidence_export import export_evidence
from leeward.rehearsal.results.result_models import RehearsalResult, TriggerEvent, TriggerReport
from leeward.rehearsal.runner.single_rehearsal import OnFrame, complete_run, publish_live_view, write_history
from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse, load_committed_runbook, prerequisite_runbooks
from leeward.rehearsal.scenarios.scenario_documents import Scenario
from leeward.rehearsal.scenarios.scenario_loader import (
    check_scenario_names,
    default_scenario_name,
    load_scenario,
    load_world_document,
)
from leeward.rehearsal.session.rehearsal_session import DEFAULT_START, RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.worlds.leeward_deployment import LeewardDeployment
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.deployment import trigger_definitions
from leeward.twin.errors import TwinError
from leeward.twin.events.event_services import EventServices
from leeward.twin.events.eventbridge.eventbridge_scheduler import SCHEDULE_TYPE, next_due_time
from leeward.twin.realism.realism_settings import Realism
from leeward.twin.templates.cloud_assembly import CloudAssembly

# The world starts this long before the schedule is due, with all resources in place.
_SCHEDULE_LEAD_TIME = timedelta(minutes=10)
# The run must start within the alarm's or the schedule's own time plus this period. Late data points, the evaluation of
# the alarms, and the delivery of events take up to about five minutes (twin.events.delays).
_TRIGGER_GRACE_PERIOD = timedelta(minutes=20)


class RehearsalTrigger(StrEnum):
    """The trigger that starts the run."""

    ALARM = "alarm"
    SCHEDULE = "schedule"
    CONSOLE = "console"


def rehearse_from_trigger(
    root: Path,
    application: str,
    runbook: str,
    trigger: RehearsalTrigger,
    templates: Path,
    *,
    scenario: str | None = None,
    seed: int = 7,
    run_input: Mapping[str, Any] | None = None,
    on_frame: OnFrame | None = None,
    history_dir: Path | None = None,
    keep_files: bool = True,
    realism: Realism | None = None,
) -> RehearsalResult:
    """Rehearse `runbook`, started by `trigger`. The folder `templates` contains the synthesized templates to deploy.

    `run_input` is the input that an operator passes in the console. An alarm and a schedule pass their own input.
    Without `keep_files`, the history and the evidence are not written. `realism` turns off delays for tests.

    Raises CannotRehearse when the runbook has no such trigger or the trigger doesn't start a run, and the errors of
    `rehearse`.
    """
    ready = load_committed_runbook(root, application, runbook)
    if trigger is not RehearsalTrigger.CONSOLE and not _has_trigger(ready, trigger):
        raise CannotRehearse(f"{application} {runbook} has no {trigger}. Add one under `triggers` (docs/triggers.md)")
    if prerequisite_runbooks(root, ready):
        raise CannotRehearse(f"{application} {runbook} is a failback. Rehearse it without --trigger, or with --rounds")
    world_document = load_world_document(root / "workloads", application)
    scenario_document = load_scenario(root / "workloads", application, scenario or default_scenario_name(ready))
    check_scenario_names(ready.application, scenario_document)
    scenario_document = scenario_document.model_copy(update={"description": _description(scenario_document, trigger)})
    try:
        deployment = LeewardDeployment(CloudAssembly.load(templates, f"run `make synth APP={application}` first"))
        deployment.require_same_machine(resource_names.state_machine_name(application, runbook), ready.compiled.text)
        start = _world_start(ready, trigger, deployment)
        with RehearsalSession(
            ready, world_document, scenario_document, seed, deployment=deployment, start=start, realism=realism
        ) as session:
            watched: list[RehearsedRun] = []
            if on_frame is not None:
                publish_live_view(session, watched, on_frame)
            events = EventServices(session.engine, deployment.own_stacks)
            events.forward_drs_events(session.world.drs)
            run = _wait_for_run(session, ready, trigger, run_input or {})
            watched[:] = [run]
            result = complete_run(session, run)
            report = TriggerReport(kind=trigger, path=_trigger_events(session, events, run, trigger))
            result = result.model_copy(update={"trigger": report})
            if not keep_files:
                return result
            path = write_history(session, run, root, history_dir or root / "build" / "rehearsals")
            result = result.model_copy(update={"history": path})
            evidence = export_evidence(session, run, result, root, folder=history_dir)
            return result.model_copy(update={"evidence": evidence})
    except TwinError as error:
        raise CannotRehearse(str(error)) from error


def _description(scenario: Scenario, trigger: RehearsalTrigger) -> str:
    """Return a description that names the trigger. A scenario's own description assumes a start by an operator."""
    if trigger is RehearsalTrigger.CONSOLE:
        return scenario.description
    dark = scenario.incident.dark
    incident = f"{dark} becomes unavailable" if dark and trigger is RehearsalTrigger.ALARM else "no incident"
    return f"{incident}, and the {trigger} starts the run"


def _has_trigger(ready: BuiltRunbook, trigger: RehearsalTrigger) -> bool:
    definition = (
        trigger_definitions.get_alarm(ready.runbook)
        if trigger is RehearsalTrigger.ALARM
        else trigger_definitions.get_schedule(ready.runbook)
    )
    return definition is not None


def _world_start(ready: BuiltRunbook, trigger: RehearsalTrigger, deployment: LeewardDeployment) -> datetime:
    """Return the world's start: shortly before a schedule is due, so that days of user requests aren't simulated."""
    if trigger is not RehearsalTrigger.SCHEDULE:
        return DEFAULT_START
    name = resource_names.state_machine_name(ready.application.application, ready.runbook.runbook)
    for schedule in deployment.assembly.resources(SCHEDULE_TYPE):
        if schedule.name == name:
            return next_due_time(schedule, DEFAULT_START) - _SCHEDULE_LEAD_TIME
    raise TwinError(f"the synthesized templates have no schedule {name}. Run `make synth` again")


def _wait_for_run(
    session: RehearsalSession, ready: BuiltRunbook, trigger: RehearsalTrigger, run_input: Mapping[str, Any]
) -> RehearsedRun:
    """Wait until the trigger starts the run, or start it as an operator does. Raises TwinError when no run starts."""
    trouble_started_at = None if trigger is RehearsalTrigger.SCHEDULE else session.service_failed_at
    if trigger is RehearsalTrigger.CONSOLE:
        session.wait_until(session.incident_at + session.scenario.start.after)
        return session.start_run("console", run_input, trouble_started_at=trouble_started_at)
    started: list[RehearsedRun] = []
    session.add_run_callback(started.append, trouble_started_at=trouble_started_at)
    alarm = trigger_definitions.get_alarm(ready.runbook)
    schedule = trigger_definitions.get_schedule(ready.runbook)
    trigger_time = (
        alarm.unhealthy_for if alarm and trigger is RehearsalTrigger.ALARM else schedule.window if schedule else None
    )
    trigger_from = (
        session.incident_at if trigger is RehearsalTrigger.ALARM else session.engine.clock.now() + _SCHEDULE_LEAD_TIME
    )
    timeout = trigger_from + (trigger_time or timedelta()) + _TRIGGER_GRACE_PERIOD - session.engine.clock.now()
    session.wait_for(lambda: bool(started), timeout)
    if not started:
        raise TwinError(f"the {trigger} of {ready.runbook.runbook} did not start a run in time")
    return started[0]


def _trigger_events(
    session: RehearsalSession, events: EventServices, run: RehearsedRun, trigger: RehearsalTrigger
) -> list[TriggerEvent]:
    """Return the events that led to the run, in order of time."""
    return sorted(_collect_trigger_events(session, events, run, trigger), key=lambda event: event.at)


def _collect_trigger_events(
    session: RehearsalSession, events: EventServices, run: RehearsedRun, trigger: RehearsalTrigger
) -> Iterator[TriggerEvent]:
    if trigger is RehearsalTrigger.CONSOLE:
        yield TriggerEvent(at=run.started_at, what=f"an operator started {run.id} in the console")
        return
    if trigger is RehearsalTrigger.ALARM:
        dark = session.scenario.incident.dark
        yield TriggerEvent(at=session.incident_at, what=f"{dark} becomes unavailable" if dark else "no incident")
        for change in events.cloudwatch.changes:
            if session.incident_at <= change.at <= run.started_at:
                what = f"alarm {change.alarm} in {change.region}: {change.before} -> {change.after}"
                yield TriggerEvent(at=change.at, what=what)
    for firing in events.scheduler.firings:
        yield TriggerEvent(at=firing.scheduled, what=f"schedule {firing.schedule} in {firing.region} was due")
    for delivery in events.delivery.records:
        function = delivery.target.split(":")[6] if ":lambda:" in delivery.target else ""
        if function.endswith(("-start", "-start-drill")):
            event = json.loads(delivery.payload)["event"]
            what = f"{delivery.source}: event {event['id']} to {function}: {delivery.outcome}"
            yield TriggerEvent(at=delivery.at, what=what)
    yield TriggerEvent(at=run.started_at, what=f"run {run.id} started")
