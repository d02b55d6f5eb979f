"""Rules for sending users to a Region: its servers are registered, and a step has checked that it serves."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.kinds.descriptors.effects import Effect
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunRegions
from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.rules.kind_advice import name_kinds
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.step_kinds.step_behavior import has_effect
from leeward.state_machines.step_kinds.step_effects import Launch, Registration, ServiceCheck, TargetChange
from leeward.state_machines.step_kinds.step_model import StepModel
from leeward.state_machines.validate.runbooks.moves.earlier_steps import Move, find_moves, has_typed, is_certain


def check_service(runbook: Runbook, steps: DocumentLocation, application: Application) -> Iterator[DocumentProblem]:
    """Yield the steps that send users to a Region whose servers aren't registered, or that no step has checked."""
    run_regions = RunRegions.from_direction(application.regions, runbook.direction)
    for move in find_moves(runbook, steps, run_regions):
        yield from _check_registered(move, application, run_regions)
        yield from _check_proven(move, run_regions)


def _check_registered(move: Move, application: Application, run_regions: RunRegions) -> Iterator[DocumentProblem]:
    launched = move.launched_groups(application)
    known = {name for name, _ in application.components_of_kind(TargetGroupComponent)}
    missing: dict[str, str] = {}
    for name, group in move.target_groups(application):
        later = move.before[launched[group] + 1 :]
        if not any(is_certain(step) and _registers(step, name, known) for step in later):
            missing[name] = group
    if missing:
        groups, targets = ", ".join(dict.fromkeys(missing.values())), ", ".join(missing)
        yield move.location.problem(
            f'"{move.step.name}" sends users to {run_regions.target}, but no step before it registers the launched '
            f"servers of {groups} with {targets}",
            expected=f"{name_kinds(Effect.REGISTERS_SERVERS, fields=f'targets: [{targets}]')} after the launch",
            key=True,
        )


def _registers(step: StepModel, name: str, known: set[str]) -> bool:
    """Return whether the step registers with `name`, or with a component that isn't one: another rule reports it."""
    return has_typed(
        step,
        Registration,
        lambda one: one.side == "target" and (name in one.components or not known >= set(one.components)),
    )


def _check_proven(move: Move, run_regions: RunRegions) -> Iterator[DocumentProblem]:
    checks = [index for index, step in enumerate(move.before) if has_typed(step, ServiceCheck, _is_of_target)]
    changed = max((index for index, step in enumerate(move.before) if _changes_target(step)), default=-1)
    if any(index > changed and is_certain(move.steps[index]) for index in checks):
        return
    yield move.location.problem(
        f'"{move.step.name}" sends users to {run_regions.target}, but no step before it has checked that '
        f"{run_regions.target} serves{_explain(move, checks, changed)}",
        expected=f"{name_kinds(Effect.CHECKS_SERVICE, fields='from: target')} before it",
        key=True,
    )


def _explain(move: Move, checks: list[int], changed: int) -> str:
    """Return why a check that exists isn't enough."""
    if checks and checks[-1] < changed:
        return f': "{move.steps[checks[-1]].name}" comes before "{move.steps[changed].name}"'
    if checks:
        return f': the run continues when "{move.steps[checks[-1]].name}" fails'
    elsewhere = [step for step in move.before if has_effect(step, Effect.CHECKS_SERVICE)]
    if elsewhere:
        return f': "{elsewhere[-1].name}" checks the Region that users are in'
    later = [step for step in move.steps[move.index :] if has_typed(step, ServiceCheck, _is_of_target)]
    return f': "{later[0].name}" comes after it' if later else ""


def _is_of_target(check: ServiceCheck) -> bool:
    return check.side == "target"


def _changes_target(step: StepModel) -> bool:
    """Return whether the step changes which servers serve in the target Region."""
    launch, change = step.find_effect(Launch), step.find_effect(TargetChange)
    launches = launch is not None and launch.side == "target" and not launch.is_drill
    return launches or (change is not None and change.side == "target")
