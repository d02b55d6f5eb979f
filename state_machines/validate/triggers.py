"""The rules of triggers: nothing but a drill starts by the clock, and no single figure moves users."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leeward.state_machines.components import RoutingControls, Servers
from leeward.state_machines.documents.application import Application
from leeward.state_machines.documents.direction import Way
from leeward.state_machines.documents.runbook import Runbook
from leeward.state_machines.documents.triggers import AlarmTrigger, HttpSignal, MetricSignal, ReplicationSignal
from leeward.state_machines.places import Place
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps import kind_of
from leeward.state_machines.steps.approval_request import ApprovalRequest
from leeward.state_machines.steps.lock import Lock
from leeward.state_machines.validate.drills import is_drill

# What a trigger that acts by itself must say in so many words, rather than by a default.
_WRITTEN = ("unhealthy_for", "cool_down", "max_runs_per_day")


def check_triggers(runbook: Runbook, place: Place, application: Application) -> Iterator[Problem]:
    """The problems of the triggers of the runbook whose document stands at `place`."""
    if runbook.triggers is None:
        return
    place = place.at("triggers")
    if runbook.triggers.schedule is not None and not is_drill(runbook):
        yield place.at("schedule").problem(
            f'a schedule would start "{runbook.runbook}", which is no drill',
            expected="a schedule on a runbook whose servers are launched with mode: drill",
            hint="move the schedule to a drill, or make this runbook one",
            key=True,
        )
    if runbook.triggers.alarm is not None:
        yield from _check_alarm(runbook, runbook.triggers.alarm, place.at("alarm"), application)


def check_alarms(runbooks: Sequence[tuple[Runbook, Place]], application: Application) -> Iterator[Problem]:
    """The problems of an application's alarms together."""
    alarmed = [(r, place) for r, place in runbooks if r.triggers is not None and r.triggers.alarm is not None]
    for index, (runbook, place) in enumerate(alarmed):
        for other, _ in alarmed[:index]:
            place_of_alarm = place.at("triggers", "alarm")
            if other.direction is runbook.direction:
                yield place_of_alarm.problem(
                    f'"{other.runbook}" answers an alarm of the same Region already', expected="one of them", key=True
                )
            elif not any(application.of_kind(RoutingControls)):
                yield place_of_alarm.problem(
                    f'"{other.runbook}" answers an alarm in the other direction, and nothing tells which Region serves',
                    expected="one alarm, or an arc.routing_controls component, which both Regions can read",
                    key=True,
                )


def _check_alarm(runbook: Runbook, alarm: AlarmTrigger, place: Place, application: Application) -> Iterator[Problem]:
    way = Way.of(application.regions, runbook.direction)
    if is_drill(runbook):
        yield place.problem(
            f'an alarm would start "{runbook.runbook}", which is a drill',
            expected="an alarm on a runbook that moves the users",
            key=True,
        )
    if alarm.quorum > len(alarm.signals):
        yield place.at("quorum").problem(
            f"the quorum is {alarm.quorum}, but there are {len(alarm.signals)} signals",
            expected=f"at most {len(alarm.signals)}",
        )
    yield from _check_signals(alarm, place.at("signals"), application, way)
    if alarm.automatic:
        missing = [name for name in _WRITTEN if name not in alarm.model_fields_set]
        if missing:
            yield place.at("automatic").problem(
                f"an automatic run needs its limits in writing: {', '.join(missing)} is not there",
                expected="unhealthy_for, cool_down and max_runs_per_day",
            )
    else:
        yield from _check_asks(runbook, place)


def _check_signals(alarm: AlarmTrigger, place: Place, application: Application, way: Way) -> Iterator[Problem]:
    from_target = 0
    for name, signal in alarm.signals.items():
        here = place.at(name)
        match signal:
            case HttpSignal():
                if application.site is None:
                    yield here.problem("the signal needs the application's site", hint="add `site` to application.yaml")
                if signal.seen_from == way.origin:
                    yield here.at("seen_from").problem(
                        f"{way.origin} would watch itself, and falls silent when it is lost", expected="another Region"
                    )
                from_target += signal.seen_from in (None, way.target)
            case ReplicationSignal():
                if not any(application.of_kind(Servers)):
                    yield here.problem("the signal needs servers, and the application has none")
                from_target += 1
            case MetricSignal():
                pass
    if from_target >= alarm.quorum:
        yield place.warning(
            f"{from_target} signals are seen from {way.target} alone: its broken link would look like a lost origin",
            hint="let an http signal be seen_from a third Region, or raise the quorum",
        )


def _check_asks(runbook: Runbook, place: Place) -> Iterator[Problem]:
    """Started by an alarm that asks, the run must come to a question before it changes anything."""
    for step in runbook.steps:
        if isinstance(step, ApprovalRequest):
            if step.on_silence == "approve":
                yield place.problem(
                    f'the alarm asks, but "{step.name}" takes silence for a yes',
                    expected="on_silence: reject in that step",
                    key=True,
                )
            return
        if kind_of(step).changes and not isinstance(step, Lock):
            break
    yield place.problem(
        "the alarm is to ask before anything is changed, but no approval.request stands before the first change",
        expected="an approval.request step, or automatic: true",
        key=True,
    )
