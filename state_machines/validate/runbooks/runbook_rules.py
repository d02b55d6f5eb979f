"""Validation rules for a runbook as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from leeward.base import durations
from leeward.kinds.descriptors.effects import Effect
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.launch_order import order_in_waves
from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem, did_you_mean
from leeward.state_machines.fields.failure_policy import OnFailure
from leeward.state_machines.fragments.state_names import make_step_id
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.step_kinds.step_behavior import can_undo, check_step, count_waves, has_effect, keeps_effect
from leeward.state_machines.step_kinds.step_effects import Launch
from leeward.state_machines.validate.runbooks.drill_rules import check_drills
from leeward.state_machines.validate.runbooks.moves.planned_move_rules import check_planned_moves
from leeward.state_machines.validate.runbooks.moves.service_rules import check_service
from leeward.state_machines.validate.runbooks.protection_rules import check_protection
from leeward.state_machines.validate.runbooks.trigger_rules import check_triggers


def check_runbook(runbook: Runbook, location: DocumentLocation, application: Application) -> Iterator[DocumentProblem]:
    """Yield the problems of the runbook document at `location`, which belongs to `application`."""
    steps = location.child("steps")
    scopes = [StepScope(application, runbook.direction, steps.child(index)) for index in range(len(runbook.steps))]
    yield from _check_document_names(runbook, location, application)
    yield from _check_routing(runbook, location, application)
    yield from _check_unique_names(runbook, steps)
    for step, scope in zip(runbook.steps, scopes, strict=True):
        yield from check_step(step, scope)
    yield from _check_times(runbook, location, scopes)
    yield from _check_lock(runbook, steps)
    yield from check_drills(runbook, steps, application)
    yield from check_protection(runbook, steps)
    yield from check_service(runbook, steps, application)
    yield from check_planned_moves(runbook, steps, application)
    yield from _check_undo(runbook, steps)
    yield from _check_launch_order(runbook, steps, application)
    yield from check_triggers(runbook, location, application)


def _check_document_names(
    runbook: Runbook, location: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    file = location.source.path.stem
    if runbook.runbook != file:
        yield location.child("runbook").problem(
            f'the runbook is called "{runbook.runbook}", its file "{file}.yaml"', expected=f'"{file}"'
        )
    if runbook.application != application.application:
        yield location.child("application").problem(
            f'the runbook is of "{runbook.application}", its folder has "{application.application}"',
            expected=f'"{application.application}"',
            hint=did_you_mean(runbook.application, [application.application]),
        )


def _check_routing(runbook: Runbook, location: DocumentLocation, application: Application) -> Iterator[DocumentProblem]:
    """Check that the runbook's routing variants exist, and that no step acts on another variant's component."""
    variants = application.routing.variants if application.routing else {}
    for index, name in enumerate(runbook.routing or ()):
        if name not in variants:
            expected = f"one of {', '.join(variants)}" if variants else "no routing: the application has no choice"
            yield location.child("routing", index).problem(
                f'the application has no variant "{name}"', expected=expected
            )
    if application.routing is None:
        return
    own, variant_by_component = runbook.routing or tuple(variants), application.routing.variant_by_component
    for index, step in enumerate(runbook.steps):
        variant = variant_by_component.get(str(getattr(step, "component", "")))
        if variant is not None and own != (variant,):
            yield location.child("steps", index, "component").problem(
                f'the step acts on the variant "{variant}", the runbook is of {", ".join(own)}',
                expected=f"routing: [{variant}]",
            )


def _check_unique_names(runbook: Runbook, steps: DocumentLocation) -> Iterator[DocumentProblem]:
    first: dict[str, int] = {}
    for index, step in enumerate(runbook.steps):
        key = make_step_id(step.name) or step.name
        if key in first:
            other = runbook.steps[first[key]].name
            line = steps.source.position_of(steps.child(first[key], "name").document_path).line
            same = "a name" if other == step.name else f'the id "{key}"'
            yield steps.child(index, "name").problem(
                f'"{step.name}" has {same} that step "{other}" on line {line} already has',
                expected="a unique name for each step",
            )
        first.setdefault(key, index)


def _check_times(runbook: Runbook, location: DocumentLocation, scopes: list[StepScope]) -> Iterator[DocumentProblem]:
    total = timedelta()
    for step, scope in zip(runbook.steps, scopes, strict=True):
        if "timeout" in step.model_fields_set and step.attempt_timeout > runbook.timeout:
            yield scope.location.child("timeout").problem(
                f"the step may take {durations.format_duration(step.attempt_timeout)}, the whole runbook "
                f"{durations.format_duration(runbook.timeout)}",
                expected="less than the runbook's timeout",
            )
        tries = 1 + step.policy.retry
        total += timedelta(seconds=step.attempt_timeout_seconds) * tries * count_waves(step, scope)
    if total > runbook.timeout:
        yield location.child("timeout").problem(
            f"the steps together may take {durations.format_duration(total)}, including waves, retries, and default "
            f"timeouts",
            expected=f"at least {durations.format_duration(total)}, so that a run always records its end",
        )


def _check_lock(runbook: Runbook, steps: DocumentLocation) -> Iterator[DocumentProblem]:
    locks = [index for index, step in enumerate(runbook.steps) if has_effect(step, Effect.TAKES_LOCK)]
    for index in locks[1:]:
        yield steps.child(index).problem("the lock is acquired a second time", expected="one lock step")
    for index, step in enumerate(runbook.steps):
        if has_effect(step, Effect.CHANGES):
            if not locks or locks[0] > index:
                yield steps.child(index).problem(
                    f'"{step.name}" changes something before the lock is acquired', expected="a lock step before it"
                )
            return


def _check_undo(runbook: Runbook, steps: DocumentLocation) -> Iterator[DocumentProblem]:
    for index, step in enumerate(runbook.steps):
        if step.policy.then is not OnFailure.UNDO:
            continue
        on_failure = steps.child(index, "on_failure")
        changing = [other for other in runbook.steps[: index + 1] if has_effect(other, Effect.CHANGES)]
        if not changing:
            yield on_failure.problem(
                "there is nothing to undo: no step up to here changes anything", expected="stop or ask"
            )
        for other in changing:
            if not can_undo(other) and not keeps_effect(other):
                has_undo = "undo" in type(other).model_fields
                hint = "set `undo` to the function that undoes it" if has_undo else ""
                yield on_failure.problem(f'"{other.name}" cannot be undone', expected="stop or ask", hint=hint)


def _check_launch_order(
    runbook: Runbook, steps: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    """Check that no group is launched by an earlier step than a group that must be running before it."""
    after = {name: servers.after for name, servers in application.components_of_kind(ServerGroupComponent)}
    launches: dict[tuple[Side, str], tuple[int, DocumentLocation]] = {}
    for number, step in enumerate(runbook.steps):
        launch = step.find_effect(Launch)
        for index, group in enumerate(launch.groups if launch is not None else ()):
            if launch is not None and group in after:
                launches.setdefault((launch.side, group), (number, steps.child(number, "groups", index)))
    for (side, group), (number, location) in launches.items():
        for (other_side, other), (later, _) in launches.items():
            if other_side == side and later > number and _must_follow(group, other, after):
                yield location.problem(
                    f'"{group}" is recovered before "{other}", which must be running before it',
                    expected=f'"{other}" in this step or an earlier one',
                )


def _must_follow(group: str, other: str, after: dict[str, tuple[str, ...]]) -> bool:
    try:
        return order_in_waves([group, other], after) == [[other], [group]]
    except ValueError:
        return False
