"""Rules for drills: a drill affects no users, removes nothing permanently, and cleans up. A real recovery
moves users.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.registry import component_kinds
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunRegions, opposite
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.rules.kind_advice import name_kinds
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.step_kinds.step_behavior import has_effect
from leeward.state_machines.step_kinds.step_effects import (
    CopyDiscard,
    DrillEnd,
    Launch,
    Removal,
    Reversal,
    TargetChange,
)
from leeward.state_machines.step_kinds.step_model import StepModel


def check_drills(runbook: Runbook, steps: DocumentLocation, application: Application) -> Iterator[DocumentProblem]:
    """Yield the problems of the runbook as a drill or as a real run. `steps` is the location of its steps."""
    modes = {index: drill for index, step in enumerate(runbook.steps) if (drill := _is_drill_step(step)) is not None}
    drills = [index for index, drill in modes.items() if drill]
    if not drills:
        if runbook.drill and modes:
            yield steps.child(min(modes), "kind").problem(
                "a step that recovers for real in a runbook that declares `drill: true`", expected="mode: drill"
            )
        elif any(step.find_effect(Launch) for step in runbook.steps):
            yield from _check_users_moved(runbook, steps, application)
    elif len(drills) < len(modes):
        yield steps.child(drills[0], "mode").problem(
            "a drill in a runbook that also recovers", expected="one mode for all"
        )
    else:
        run_regions = RunRegions.from_direction(application.regions, runbook.direction)
        for index, step in enumerate(runbook.steps):
            yield from _check_harmless(step, steps.child(index), run_regions, application)
        yield from _check_cleaned_up(runbook.steps, steps)


def is_drill(runbook: Runbook) -> bool:
    """Return whether the runbook declares that it is a drill, with `drill` or with the mode of its launches.

    A step that launches or reverses for real contradicts the declaration.
    """
    modes = [_is_drill_step(step) for step in runbook.steps]
    return False not in modes and (runbook.drill or True in modes)


def _is_drill_step(step: StepModel) -> bool | None:
    """Return whether the step is a drill's. Returns None when it is the same in a drill and in a real run."""
    # A run that only reverses, or that cleans up, is not a failover.
    effect = step.find_effect(Reversal) or step.find_effect(Launch)
    return None if effect is None else effect.is_drill


def _check_users_moved(
    runbook: Runbook, steps: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    components = application.components.items()
    traffic = [name for name, component in components if component_kinds()[component.kind].routes_users]
    if traffic and not any(has_effect(step, Effect.MOVES_USERS) for step in runbook.steps):
        yield steps.problem(
            f"no step moves the users, although the application has traffic: {', '.join(traffic)}",
            expected=name_kinds(Effect.MOVES_USERS),
            key=True,
        )


def _check_harmless(
    step: StepModel, location: DocumentLocation, run_regions: RunRegions, application: Application
) -> Iterator[DocumentProblem]:
    change = step.find_effect(TargetChange)
    if has_effect(step, Effect.MOVES_USERS):
        yield location.problem("a drill moves traffic", expected="no traffic step where servers are drilled")
    elif change is not None and run_regions.region(change.side) == application.regions.primary:
        yield location.problem(
            f"a drill changes the load balancer of {application.regions.primary}, which serves the users",
            expected="no such step where servers are drilled",
        )
    elif step.find_effect(Removal):
        yield location.problem(
            f"a drill removes servers permanently: {step.kind}",
            expected=f"{name_kinds(Effect.ENDS_DRILL)} and {name_kinds(Effect.DISCARDS_COPIES)}, which remove what the "
            "drill created",
        )


def _check_cleaned_up(steps: Sequence[StepModel], location: DocumentLocation) -> Iterator[DocumentProblem]:
    for index, step in enumerate(steps):
        later, groups = steps[index + 1 :], location.child(index, "groups")
        launch, reversal = step.find_effect(Launch), step.find_effect(Reversal)
        for number, group in enumerate(launch.groups if launch else ()):
            if launch and not any(other.find_group_effect(DrillEnd, group, launch.side) for other in later):
                yield groups.child(number).warning(
                    f'the drill leaves the instances of "{group}" running',
                    hint=f"add {name_kinds(Effect.ENDS_DRILL)} after it",
                )
        for number, group in enumerate(reversal.groups if reversal else ()):
            if reversal and not any(
                other.find_group_effect(CopyDiscard, group, opposite(reversal.side)) for other in later
            ):
                yield groups.child(number).warning(
                    f'the drill leaves "{group}" replicating back',
                    hint=f"add {name_kinds(Effect.DISCARDS_COPIES)} after it",
                )
