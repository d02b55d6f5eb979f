"""Rules for protection: no protection is removed before its replacement works, and unprotected servers are reported.

The tasks check the same against AWS at run time. These rules check the order of the steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leeward.kinds.descriptors.effects import Effect
from leeward.state_machines.application.run_direction import Side, opposite
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.rules.kind_advice import name_kinds
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.step_kinds.step_effects import (
    CopyDiscard,
    CopyWait,
    DrillEnd,
    Launch,
    Removal,
    Reversal,
    StepEffect,
)
from leeward.state_machines.step_kinds.step_model import StepModel


def check_protection(runbook: Runbook, steps: DocumentLocation) -> Iterator[DocumentProblem]:
    """Yield the problems of the runbook whose steps are at `steps`."""
    for index, step in enumerate(runbook.steps):
        before, after = runbook.steps[:index], runbook.steps[index + 1 :]
        for effect in step.effects:
            for number, group in enumerate(getattr(effect, "groups", ())):
                yield from _check_group(effect, group, before, steps.child(index, "groups", number))
        yield from _check_unprotected(step, after, steps.child(index))


def _check_group(
    effect: StepEffect, group: str, before: Sequence[StepModel], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    match effect:
        case Removal():
            yield from _check_protection_proven(group, effect, before, location)
        case DrillEnd():
            yield from _check_terminated(group, effect.side, before, location)
        case CopyDiscard():
            yield from _check_discarded(group, effect.side, before, location)
        case Reversal(is_drill=True):
            yield from _check_launched_as_drill(group, effect.side, before, location)
        case _:
            pass


def _check_unprotected(
    step: StepModel, after: Sequence[StepModel], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    """Yield a warning for each launched group that no later step replicates back."""
    launch, hint = step.find_effect(Launch), f"add {name_kinds(Effect.REVERSES)} after this one"
    if launch is None or launch.is_drill:
        return
    for number, group in enumerate(launch.groups):
        if not any(other.find_group_effect(Reversal, group, launch.side) for other in after):
            yield location.child("groups", number).warning(f'"{group}" is unprotected once it serves', hint=hint)
    if not launch.groups and not any(other.find_effect(Reversal) for other in after):
        yield location.child("kind").warning("the servers of the plan are unprotected once they serve", hint=hint)


def _check_protection_proven(
    group: str, removal: Removal, before: Sequence[StepModel], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    """Check that what serves is replicated to the other side, and that a step has waited for it."""
    side = removal.serving_side
    launched = max((n for n, step in enumerate(before) if step.find_group_effect(Launch, group, side)), default=-1)
    reversal = next(
        (n for n, step in enumerate(before) if n > launched and step.find_group_effect(Reversal, group, side)), None
    )
    if reversal is None or not any(
        step.find_group_effect(CopyWait, group, opposite(side)) for step in before[reversal:]
    ):
        yield location.problem(
            f'"{group}" is {removal.participle} before its new protection is proven',
            expected=f"{name_kinds(Effect.REVERSES, fields=f'in: {side}')}, and then "
            f'{name_kinds(Effect.AWAITS_COPIES, fields=f"in: {opposite(side)}")}, of "{group}" before this step',
        )


def _check_launched_as_drill(
    group: str, side: Side, before: Sequence[StepModel], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    if _last_drill_launch(group, side, before) is None:
        yield location.problem(
            f'no step before this one launches "{group}" as a drill in the {side} Region',
            expected=f"{name_kinds(Effect.LAUNCHES_DRILL, fields=f'mode: drill and in: {side}')} before it",
        )


def _check_terminated(
    group: str, side: Side, before: Sequence[StepModel], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    launched = _last_drill_launch(group, side, before)
    if launched is None:
        yield from _check_launched_as_drill(group, side, before, location)
        return
    reversal = max((n for n, step in enumerate(before) if step.find_group_effect(Reversal, group, side)), default=-1)
    if reversal > launched and not any(
        step.find_group_effect(CopyDiscard, group, opposite(side)) for step in before[reversal:]
    ):
        yield location.problem(
            f'"{group}" is terminated while it is replicated back, which DRS refuses',
            expected=f"{name_kinds(Effect.DISCARDS_COPIES, fields=f'in: {opposite(side)}')} before it",
        )


def _check_discarded(
    group: str, side: Side, before: Sequence[StepModel], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    reversals = (step.find_group_effect(Reversal, group, opposite(side)) for step in before)
    if not any(reversal and reversal.is_drill for reversal in reversals):
        yield location.problem(
            f'no step before this one reverses a drill of "{group}"',
            expected=f"{name_kinds(Effect.REVERSES, fields=f'mode: drill and in: {opposite(side)}')} before it",
        )
    launched = _last_drill_launch(group, side, before)
    if launched is not None and not any(step.find_group_effect(DrillEnd, group, side) for step in before[launched:]):
        yield location.problem(
            f'"{group}" is discarded while the drill\'s instances of it run, which DRS refuses',
            expected=f"{name_kinds(Effect.ENDS_DRILL, fields=f'in: {side}')} before it",
        )


def _last_drill_launch(group: str, side: Side, before: Sequence[StepModel]) -> int | None:
    last = None
    for number, step in enumerate(before):
        launch = step.find_effect(Launch)
        if launch is not None and launch.is_drill and launch.side == side and group in launch.groups:
            last = number
    return last
