"""A rehearsal from its trigger on: the figure, the alarm or the hour, the event, the decision, the run, the report.

What starts the run is read from the synthesised templates and nothing else; so are the functions, their roles and the
state machine.
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
from leeward.twin.templates.cloud_assembly import CloudAssembly

# Before a schedule is due the world stands for this long; it begins with everything in its place.
_SCHEDULE_LEAD_TIME = timedelta(minutes=10)
# What a person does in the console takes a moment; what an alarm or a schedule does is waited for so much longer than
# its own times say.
_TRIGGER_GRACE_PERIOD = timedelta(minutes=20)


class RehearsalTrigger(StrEnum):
    """What starts the run."""

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
) -> RehearsalResult:
    """Rehearse `runbook` as `trigger` starts it, with what the synthesised templates in the folder `templates` deploy.

    `run_input` is what a person gives in the console; an alarm and a schedule give their own. Raises CannotRehearse and
    what `rehearse` raises.
    """
    ready = load_committed_runbook(root, application, runbook)
    if trigger is not RehearsalTrigger.CONSOLE and not _has_trigger(ready, trigger):
        raise CannotRehearse(f"{application} {runbook} has no {trigger}: add one under `triggers` (docs/triggers.md)")
    if prerequisite_runbooks(root, ready):
        raise CannotRehearse(f"{application} {runbook} leads back: rehearse it without --trigger, or with --rounds")
    told = load_world_document(root / "workloads", application)
    chosen = load_scenario(root / "workloads", application, scenario or default_scenario_name(ready))
    check_scenario_names(ready.application, chosen)
    chosen = chosen.model_copy(update={"description": _description(chosen, trigger)})
    try:
        deployment = LeewardDeployment(CloudAssembly.load(templates, f"run `make synth APP={application}` first"))
        deployment.require_same_machine(resource_names.state_machine_name(application, runbook), ready.compiled.text)
        begins = _world_start(ready, trigger, deployment)
        with RehearsalSession(ready, told, chosen, seed, deployment=deployment, start=begins) as stage:
            watched: list[RehearsedRun] = []
            if on_frame is not None:
                publish_live_view(stage, watched, on_frame)
            events = EventServices(stage.engine, deployment.own_stacks)
            events.forward_drs_events(stage.world.drs)
            run = _wait_for_run(stage, ready, trigger, run_input or {})
            watched[:] = [run]
            result = complete_run(stage, run)
            path = write_history(stage, run, root, history_dir or root / "build" / "rehearsals")
            report = TriggerReport(kind=trigger, path=_trigger_events(stage, events, run, trigger))
            whole = result.model_copy(update={"history": path, "trigger": report})
            return whole.model_copy(update={"evidence": export_evidence(stage, run, whole, root, folder=history_dir)})
    except TwinError as error:
        raise CannotRehearse(str(error)) from error


def _description(scenario: Scenario, trigger: RehearsalTrigger) -> str:
    """A scenario tells of a person who starts the runbook; here something else does."""
    if trigger is RehearsalTrigger.CONSOLE:
        return scenario.description
    dark = scenario.incident.dark
    happens = f"{dark} goes dark" if dark and trigger is RehearsalTrigger.ALARM else "nothing goes wrong"
    return f"{happens}; the {trigger} is waited for"


def _has_trigger(ready: BuiltRunbook, trigger: RehearsalTrigger) -> bool:
    found = (
        trigger_definitions.get_alarm(ready.runbook)
        if trigger is RehearsalTrigger.ALARM
        else trigger_definitions.get_schedule(ready.runbook)
    )
    return found is not None


def _world_start(ready: BuiltRunbook, trigger: RehearsalTrigger, deployment: LeewardDeployment) -> datetime:
    """A little before a schedule is next due, so that nobody waits for days of users who ask every second."""
    if trigger is not RehearsalTrigger.SCHEDULE:
        return DEFAULT_START
    name = resource_names.state_machine_name(ready.application.application, ready.runbook.runbook)
    for schedule in deployment.assembly.resources(SCHEDULE_TYPE):
        if schedule.name == name:
            return next_due_time(schedule, DEFAULT_START) - _SCHEDULE_LEAD_TIME
    raise TwinError(f"the synthesised templates have no schedule {name}: synthesise them again")


def _wait_for_run(
    session: RehearsalSession, ready: BuiltRunbook, trigger: RehearsalTrigger, run_input: Mapping[str, Any]
) -> RehearsedRun:
    """Let time pass until something starts the run, or start it as a person does. Raises TwinError."""
    struck = (
        session.incident_at
        if session.scenario.incident.dark is not None and trigger is not RehearsalTrigger.SCHEDULE
        else None
    )
    if trigger is RehearsalTrigger.CONSOLE:
        session.wait_until(session.incident_at + session.scenario.start.after)
        return session.start_run("console", run_input, trouble_started_at=struck)
    started: list[RehearsedRun] = []
    session.add_run_callback(started.append, trouble_started_at=struck)
    alarm = trigger_definitions.get_alarm(ready.runbook)
    schedule = trigger_definitions.get_schedule(ready.runbook)
    own = alarm.unhealthy_for if alarm and trigger is RehearsalTrigger.ALARM else schedule.window if schedule else None
    began = (
        session.incident_at if trigger is RehearsalTrigger.ALARM else session.engine.clock.now() + _SCHEDULE_LEAD_TIME
    )
    longest = began + (own or timedelta()) + _TRIGGER_GRACE_PERIOD - session.engine.clock.now()
    session.wait_for(lambda: bool(started), longest)
    if not started:
        raise TwinError(f"nothing started the run: the {trigger} of {ready.runbook.runbook} was waited for in vain")
    return started[0]


def _trigger_events(
    session: RehearsalSession, events: EventServices, run: RehearsedRun, trigger: RehearsalTrigger
) -> list[TriggerEvent]:
    """What led to the run, in order of time."""
    return sorted(_collect_trigger_events(session, events, run, trigger), key=lambda moment: moment.at)


def _collect_trigger_events(
    session: RehearsalSession, events: EventServices, run: RehearsedRun, trigger: RehearsalTrigger
) -> Iterator[TriggerEvent]:
    if trigger is RehearsalTrigger.CONSOLE:
        yield TriggerEvent(at=run.started_at, what=f"a person started {run.id} in the console")
        return
    if trigger is RehearsalTrigger.ALARM:
        dark = session.scenario.incident.dark
        yield TriggerEvent(at=session.incident_at, what=f"{dark} goes dark" if dark else "nothing has gone wrong")
        for change in events.cloudwatch.changes:
            if session.incident_at <= change.at <= run.started_at:
                what = f"alarm {change.alarm} in {change.region}: {change.before} -> {change.after}"
                yield TriggerEvent(at=change.at, what=what)
    for fired in events.scheduler.firings:
        yield TriggerEvent(at=fired.scheduled, what=f"schedule {fired.schedule} in {fired.region} was due")
    for carried in events.delivery.records:
        function = carried.target.split(":")[6] if ":lambda:" in carried.target else ""
        if function.endswith(("-start", "-start-drill")):
            event = json.loads(carried.payload)["event"]
            what = f"{carried.source}: event {event['id']} to {function}: {carried.outcome}"
            yield TriggerEvent(at=carried.at, what=what)
    yield TriggerEvent(at=run.started_at, what=f"run {run.id} began")
