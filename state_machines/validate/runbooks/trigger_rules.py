"""Rules for triggers: only drills start on a schedule, and no single signal moves users."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leeward.kinds.descriptors.effects import Effect
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunRegions
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.rules.kind_advice import name_kinds
from leeward.state_machines.rules.step_scope import kind_name
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.runbook.triggers import AlarmTrigger, HttpSignal, MetricSignal, ReplicationSignal
from leeward.state_machines.step_kinds.step_behavior import has_effect
from leeward.state_machines.step_kinds.step_effects import ApprovalQuestion
from leeward.state_machines.validate.runbooks.drill_rules import is_drill

# The fields that an automatic trigger must set explicitly, although they have defaults.
_REQUIRED_WHEN_AUTOMATIC = ("unhealthy_for", "cool_down", "max_runs_per_day")


def check_triggers(runbook: Runbook, location: DocumentLocation, application: Application) -> Iterator[DocumentProblem]:
    """Yield the problems of the triggers of the runbook whose document is at `location`."""
    if runbook.triggers is None:
        return
    location = location.child("triggers")
    if runbook.triggers.schedule is not None and not is_drill(runbook):
        yield location.child("schedule").problem(
            f'a schedule would start "{runbook.runbook}", which is not a drill',
            expected="a schedule on a runbook whose servers are launched with mode: drill",
            hint="move the schedule to a drill, or make this runbook one",
            key=True,
        )
    if runbook.triggers.alarm is not None:
        yield from _check_alarm(runbook, runbook.triggers.alarm, location.child("alarm"), application)


def check_alarms(
    runbooks: Sequence[tuple[Runbook, DocumentLocation]], application: Application
) -> Iterator[DocumentProblem]:
    """Yield the problems of an application's alarms together."""
    alarmed = [(r, location) for r, location in runbooks if r.triggers is not None and r.triggers.alarm is not None]
    for index, (runbook, location) in enumerate(alarmed):
        for other, _ in alarmed[:index]:
            alarm_location = location.child("triggers", "alarm")
            if other.direction is runbook.direction:
                yield alarm_location.problem(
                    f'"{other.runbook}" already has an alarm for the same Region', expected="one of them", key=True
                )
            elif not any(application.components_of_kind(RoutingControlsComponent)):
                yield alarm_location.problem(
                    f'"{other.runbook}" has an alarm in the other direction, and nothing shows which Region serves',
                    expected=f"one alarm, or a component of the kind {kind_name(RoutingControlsComponent)}, which both "
                    "Regions can read",
                    key=True,
                )


def _check_alarm(
    runbook: Runbook, alarm: AlarmTrigger, location: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    run_regions = RunRegions.from_direction(application.regions, runbook.direction)
    if is_drill(runbook):
        yield location.problem(
            f'an alarm would start "{runbook.runbook}", which is a drill',
            expected="an alarm on a runbook that moves the users",
            key=True,
        )
    if alarm.quorum > len(alarm.signals):
        yield location.child("quorum").problem(
            f"the quorum is {alarm.quorum}, but there are {len(alarm.signals)} signals",
            expected=f"at most {len(alarm.signals)}",
        )
    yield from _check_signals(alarm, location.child("signals"), application, run_regions)
    if alarm.automatic:
        missing = [name for name in _REQUIRED_WHEN_AUTOMATIC if name not in alarm.model_fields_set]
        if missing:
            yield location.child("automatic").problem(
                f"an automatic run needs explicit limits: {', '.join(missing)} is missing",
                expected="unhealthy_for, cool_down and max_runs_per_day",
            )
    else:
        yield from _check_approval_first(runbook, location)


def _check_signals(
    alarm: AlarmTrigger, location: DocumentLocation, application: Application, run_regions: RunRegions
) -> Iterator[DocumentProblem]:
    from_target = 0
    for name, signal in alarm.signals.items():
        signal_location = location.child(name)
        match signal:
            case HttpSignal():
                if application.site is None:
                    yield signal_location.problem(
                        "the signal needs the application's site", hint="add `site` to application.yaml"
                    )
                if signal.seen_from == run_regions.origin:
                    yield signal_location.child("seen_from").problem(
                        f"{run_regions.origin} would watch itself, and reports nothing when it is unavailable",
                        expected="another Region",
                    )
                from_target += signal.seen_from in (None, run_regions.target)
            case ReplicationSignal():
                if not any(application.components_of_kind(ServerGroupComponent)):
                    yield signal_location.problem("the signal needs servers, and the application has none")
                from_target += 1
            case MetricSignal():
                pass
    if from_target >= alarm.quorum:
        yield location.warning(
            f"{from_target} signals are seen from {run_regions.target} alone: a network fault there would look "
            f"like an unavailable origin",
            hint="set seen_from of an http signal to a third Region, or raise the quorum",
        )


def _check_approval_first(runbook: Runbook, location: DocumentLocation) -> Iterator[DocumentProblem]:
    """Check that a run that an alarm starts asks for approval before it changes anything."""
    for step in runbook.steps:
        question = step.find_effect(ApprovalQuestion)
        if question is not None:
            if question.silence_approves:
                yield location.problem(
                    f'the alarm needs approval, but "{step.name}" approves when no one answers',
                    expected="on_silence: reject in that step",
                    key=True,
                )
            return
        if has_effect(step, Effect.CHANGES):
            break
    yield location.problem(
        "the alarm needs approval before anything is changed, but no step asks for it before the first change",
        expected=f"{name_kinds(Effect.ASKS_APPROVAL)}, or automatic: true",
        key=True,
    )
