"""The rules of a runbook as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from leeward.common import durations
from leeward.state_machines.compile.names import slug
from leeward.state_machines.components import Servers
from leeward.state_machines.documents.application import Application
from leeward.state_machines.documents.direction import Side
from leeward.state_machines.documents.policy import OnFailure
from leeward.state_machines.documents.runbook import Runbook
from leeward.state_machines.order import waves
from leeward.state_machines.places import Place
from leeward.state_machines.problems import Problem, did_you_mean
from leeward.state_machines.steps import StepModel, kind_of
from leeward.state_machines.steps.lock import Lock
from leeward.state_machines.validate.drills import check_drills
from leeward.state_machines.validate.protection import check_protection
from leeward.state_machines.validate.scope import StepScope
from leeward.state_machines.validate.triggers import check_triggers


def check_runbook(runbook: Runbook, place: Place, application: Application) -> Iterator[Problem]:
    """The problems of the document at `place`, which is of `application`."""
    steps = place.at("steps")
    scopes = [StepScope(application, runbook.direction, steps.at(index)) for index in range(len(runbook.steps))]
    yield from _check_names(runbook, place, application)
    yield from _check_routing(runbook, place, application)
    yield from _check_unique(runbook, steps)
    for step, scope in zip(runbook.steps, scopes, strict=True):
        yield from kind_of(step).check(step, scope)
    yield from _check_times(runbook, place, scopes)
    yield from _check_lock(runbook, steps)
    yield from check_drills(runbook, steps, application)
    yield from check_protection(runbook, steps)
    yield from _check_undo(runbook, steps)
    yield from _check_order(runbook, steps, application)
    yield from check_triggers(runbook, place, application)


def _check_names(runbook: Runbook, place: Place, application: Application) -> Iterator[Problem]:
    file = place.source.path.stem
    if runbook.runbook != file:
        yield place.at("runbook").problem(
            f'the runbook is called "{runbook.runbook}", its file "{file}.yaml"', expected=f'"{file}"'
        )
    if runbook.application != application.application:
        yield place.at("application").problem(
            f'the runbook is of "{runbook.application}", its folder holds "{application.application}"',
            expected=f'"{application.application}"',
            hint=did_you_mean(runbook.application, [application.application]),
        )


def _check_routing(runbook: Runbook, place: Place, application: Application) -> Iterator[Problem]:
    """A runbook is of variants that there are, and acts on no component of another one."""
    variants = application.routing.variants if application.routing else {}
    for index, name in enumerate(runbook.routing or ()):
        if name not in variants:
            expected = f"one of {', '.join(variants)}" if variants else "no routing: the application has no choice"
            yield place.at("routing", index).problem(f'the application has no variant "{name}"', expected=expected)
    if application.routing is None:
        return
    own, of = runbook.routing or tuple(variants), application.routing.components
    for index, step in enumerate(runbook.steps):
        variant = of.get(str(getattr(step, "component", "")))
        if variant is not None and own != (variant,):
            yield place.at("steps", index, "component").problem(
                f'the step acts on the variant "{variant}", the runbook is of {", ".join(own)}',
                expected=f"routing: [{variant}]",
            )


def _check_unique(runbook: Runbook, steps: Place) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, step in enumerate(runbook.steps):
        key = slug(step.name) or step.name
        if key in first:
            other = runbook.steps[first[key]].name
            line = steps.source.mark(steps.at(first[key], "name").loc).line
            same = "a name" if other == step.name else f'the id "{key}"'
            yield steps.at(index, "name").problem(
                f'"{step.name}" has {same} that step "{other}" in line {line} has already',
                expected="a name of its own for each step",
            )
        first.setdefault(key, index)


def _check_times(runbook: Runbook, place: Place, scopes: list[StepScope]) -> Iterator[Problem]:
    total = timedelta()
    for step, scope in zip(runbook.steps, scopes, strict=True):
        if "timeout" in step.model_fields_set and step.span > runbook.timeout:
            yield scope.place.at("timeout").problem(
                f"the step may take {durations.show(step.span)}, the whole runbook {durations.show(runbook.timeout)}",
                expected="less than the runbook's timeout",
            )
        tries = 1 + step.policy.retry
        total += timedelta(seconds=step.seconds) * tries * kind_of(step).rounds(step, scope)
    if total > runbook.timeout:
        yield place.at("timeout").problem(
            f"the steps together may take {durations.show(total)}, waves, tries and default timeouts included",
            expected=f"at least {durations.show(total)}, so that a run always comes to its own end",
        )


def _check_lock(runbook: Runbook, steps: Place) -> Iterator[Problem]:
    locks = [index for index, step in enumerate(runbook.steps) if isinstance(step, Lock)]
    for index in locks[1:]:
        yield steps.at(index).problem("the lock is taken a second time", expected="one lock step")
    for index, step in enumerate(runbook.steps):
        if kind_of(step).changes:
            if not locks or locks[0] > index:
                yield steps.at(index).problem(
                    f'"{step.name}" changes something before the lock is taken', expected="a lock step before it"
                )
            return


def _check_undo(runbook: Runbook, steps: Place) -> Iterator[Problem]:
    for index, step in enumerate(runbook.steps):
        if step.policy.then is not OnFailure.UNDO:
            continue
        place = steps.at(index, "on_failure")
        changing = [other for other in runbook.steps[: index + 1] if kind_of(other).changes]
        if not changing:
            yield place.problem("there is nothing to undo: no step up to here changes anything", expected="stop or ask")
        for other in changing:
            if not _can_undo(other) and not kind_of(other).stays(other):
                takes_undo = "undo" in type(other).model_fields
                hint = "name the function that takes it back under `undo`" if takes_undo else ""
                yield place.problem(f'"{other.name}" cannot be undone', expected="stop or ask", hint=hint)


def _check_order(runbook: Runbook, steps: Place, application: Application) -> Iterator[Problem]:
    """No group is launched by an earlier step than a group that must be up before it."""
    after = {name: servers.after for name, servers in application.of_kind(Servers)}
    place_of: dict[tuple[Side, str], tuple[int, Place]] = {}
    for number, step in enumerate(runbook.steps):
        launch = kind_of(step).launch(step)
        for index, group in enumerate(launch.groups if launch is not None else ()):
            if launch is not None and group in after:
                place_of.setdefault((launch.side, group), (number, steps.at(number, "groups", index)))
    for (side, group), (number, place) in place_of.items():
        for (there, other), (later, _) in place_of.items():
            if there == side and later > number and _is_after(group, other, after):
                yield place.problem(
                    f'"{group}" is recovered before "{other}", which must be up before it',
                    expected=f'"{other}" in this step or an earlier one',
                )


def _is_after(group: str, other: str, after: dict[str, tuple[str, ...]]) -> bool:
    try:
        return waves([group, other], after) == [[other], [group]]
    except ValueError:
        return False


def _can_undo(step: StepModel) -> bool:
    kind = kind_of(step)
    return kind.undo is not None and bool(kind.can_undo(step))
