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

from leeward.common import names
from leeward.state_machines import triggers
from leeward.state_machines.tree import Ready
from leeward.twin.committed import CannotRehearse, committed, way_there
from leeward.twin.dossier import keep
from leeward.twin.errors import TwinError
from leeward.twin.events.scheduler import SCHEDULE, next_due
from leeward.twin.events.wiring import Events
from leeward.twin.library import default_scenario, refuse_strangers, scenario_of, world_of
from leeward.twin.rehearsal import OnMoment, follow, show_moments, write_history
from leeward.twin.report import Rehearsal, TriggerMoment, TriggerReport
from leeward.twin.run import Run
from leeward.twin.stage import BEGINNING, Stage
from leeward.twin.templates.assembly import Assembly
from leeward.twin.templates.deployment import Deployment
from leeward.twin.world.documents import Scenario

# Before a schedule is due the world stands for this long; it begins with everything in its place.
_LEAD = timedelta(minutes=10)
# What a person does in the console takes a moment; what an alarm or a schedule does is waited for so much longer than
# its own times say.
_PATIENCE = timedelta(minutes=20)


class Trigger(StrEnum):
    """What starts the run."""

    ALARM = "alarm"
    SCHEDULE = "schedule"
    CONSOLE = "console"


def rehearse_triggered(
    root: Path,
    application: str,
    runbook: str,
    trigger: Trigger,
    templates: Path,
    *,
    scenario: str | None = None,
    seed: int = 7,
    run_input: Mapping[str, Any] | None = None,
    on_moment: OnMoment | None = None,
    history_dir: Path | None = None,
) -> Rehearsal:
    """Rehearse `runbook` as `trigger` starts it, with what the synthesised templates in the folder `templates` deploy.

    `run_input` is what a person gives in the console; an alarm and a schedule give their own. Raises CannotRehearse and
    what `rehearse` raises.
    """
    ready = committed(root, application, runbook)
    if trigger is not Trigger.CONSOLE and not _has(ready, trigger):
        raise CannotRehearse(f"{application} {runbook} has no {trigger}: add one under `triggers` (docs/triggers.md)")
    if way_there(root, ready):
        raise CannotRehearse(f"{application} {runbook} leads back: rehearse it without --trigger, or with --rounds")
    told = world_of(root / "workloads", application)
    chosen = scenario_of(root / "workloads", application, scenario or default_scenario(ready))
    refuse_strangers(ready.application, chosen)
    chosen = chosen.model_copy(update={"description": _description(chosen, trigger)})
    try:
        deployment = Deployment(Assembly.load(templates, f"run `make synth APP={application}` first"))
        deployment.refuse_other(names.state_machine(application, runbook), ready.compiled.text)
        begins = _beginning(ready, trigger, deployment)
        with Stage(ready, told, chosen, seed, deployment=deployment, beginning=begins) as stage:
            watched: list[Run] = []
            if on_moment is not None:
                show_moments(stage, watched, on_moment)
            events = Events(stage.engine, deployment.own)
            events.listen_to(stage.world.drs)
            run = _started(stage, ready, trigger, run_input or {})
            watched[:] = [run]
            result = follow(stage, run)
            path = write_history(stage, run, root, history_dir or root / "build" / "rehearsals")
            report = TriggerReport(kind=trigger, path=_path(stage, events, run, trigger))
            whole = result.model_copy(update={"history": path, "trigger": report})
            return whole.model_copy(update={"evidence": keep(stage, run, whole, root, folder=history_dir)})
    except TwinError as error:
        raise CannotRehearse(str(error)) from error


def _description(scenario: Scenario, trigger: Trigger) -> str:
    """A scenario tells of a person who starts the runbook; here something else does."""
    if trigger is Trigger.CONSOLE:
        return scenario.description
    dark = scenario.incident.dark
    happens = f"{dark} goes dark" if dark and trigger is Trigger.ALARM else "nothing goes wrong"
    return f"{happens}; the {trigger} is waited for"


def _has(ready: Ready, trigger: Trigger) -> bool:
    found = triggers.alarm_of(ready.runbook) if trigger is Trigger.ALARM else triggers.schedule_of(ready.runbook)
    return found is not None


def _beginning(ready: Ready, trigger: Trigger, deployment: Deployment) -> datetime:
    """A little before a schedule is next due, so that nobody waits for days of users who ask every second."""
    if trigger is not Trigger.SCHEDULE:
        return BEGINNING
    name = names.state_machine(ready.application.application, ready.runbook.runbook)
    for schedule in deployment.assembly.resources(SCHEDULE):
        if schedule.name == name:
            return next_due(schedule, BEGINNING) - _LEAD
    raise TwinError(f"the synthesised templates have no schedule {name}: synthesise them again")


def _started(stage: Stage, ready: Ready, trigger: Trigger, run_input: Mapping[str, Any]) -> Run:
    """Let time pass until something starts the run, or start it as a person does. Raises TwinError."""
    struck = stage.incident_at if stage.scenario.incident.dark is not None and trigger is not Trigger.SCHEDULE else None
    if trigger is Trigger.CONSOLE:
        stage.wait_until(stage.incident_at + stage.scenario.start.after)
        return stage.start("console", run_input, since=struck)
    started: list[Run] = []
    stage.on_run(started.append, since=struck)
    alarm = triggers.alarm_of(ready.runbook)
    schedule = triggers.schedule_of(ready.runbook)
    own = alarm.unhealthy_for if alarm and trigger is Trigger.ALARM else schedule.window if schedule else None
    began = stage.incident_at if trigger is Trigger.ALARM else stage.engine.clock.now() + _LEAD
    longest = began + (own or timedelta()) + _PATIENCE - stage.engine.clock.now()
    stage.settle(lambda: bool(started), longest)
    if not started:
        raise TwinError(f"nothing started the run: the {trigger} of {ready.runbook.runbook} was waited for in vain")
    return started[0]


def _path(stage: Stage, events: Events, run: Run, trigger: Trigger) -> list[TriggerMoment]:
    """What led to the run, in order of time."""
    return sorted(_moments(stage, events, run, trigger), key=lambda moment: moment.at)


def _moments(stage: Stage, events: Events, run: Run, trigger: Trigger) -> Iterator[TriggerMoment]:
    if trigger is Trigger.CONSOLE:
        yield TriggerMoment(at=run.started_at, what=f"a person started {run.id} in the console")
        return
    if trigger is Trigger.ALARM:
        dark = stage.scenario.incident.dark
        yield TriggerMoment(at=stage.incident_at, what=f"{dark} goes dark" if dark else "nothing has gone wrong")
        for change in events.cloudwatch.changes:
            if stage.incident_at <= change.at <= run.started_at:
                what = f"alarm {change.alarm} in {change.region}: {change.before} -> {change.after}"
                yield TriggerMoment(at=change.at, what=what)
    for fired in events.scheduler.fired:
        yield TriggerMoment(at=fired.scheduled, what=f"schedule {fired.schedule} in {fired.region} was due")
    for carried in events.delivery.delivered:
        function = carried.target.split(":")[6] if ":lambda:" in carried.target else ""
        if function.endswith(("-start", "-start-drill")):
            event = json.loads(carried.payload)["event"]
            what = f"{carried.source}: event {event['id']} to {function}: {carried.outcome}"
            yield TriggerMoment(at=carried.at, what=what)
    yield TriggerMoment(at=run.started_at, what=f"run {run.id} began")
