"""Rules for protection: no protection is removed before its replacement works, and unprotected servers are reported.

The tasks check the same against AWS at run time. These rules check the order of the steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeGuard

from leeward.state_machines.application.run_direction import Side, opposite
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.steps import AnyStep, kind_of
from leeward.state_machines.steps.drs_await_replication import DrsAwaitReplicationStep
from leeward.state_machines.steps.drs_discard import DrsDiscardStep
from leeward.state_machines.steps.drs_fail_back import DrsFailBackStep
from leeward.state_machines.steps.drs_retire import DrsRetireStep
from leeward.state_machines.steps.drs_reverse import DrsReverseStep
from leeward.state_machines.steps.drs_terminate import DrsTerminateStep
from leeward.state_machines.steps.ec2_terminate import Ec2TerminateStep


def check_protection(runbook: Runbook, steps: DocumentLocation) -> Iterator[DocumentProblem]:
    """Yield the problems of the runbook whose steps are at `steps`."""
    for index, step in enumerate(runbook.steps):
        before, after = runbook.steps[:index], runbook.steps[index + 1 :]
        for number, group in enumerate(getattr(step, "groups", None) or ()):
            yield from _check_group(step, group, before, steps.child(index, "groups", number))
        yield from _check_unprotected(step, after, steps.child(index))


def _check_group(
    step: AnyStep, group: str, before: Sequence[AnyStep], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    match step:
        case DrsRetireStep():
            yield from _check_protection_proven(group, "retired", opposite(step.in_), before, location)
        case Ec2TerminateStep():
            yield from _check_protection_proven(group, "terminated", step.in_, before, location)
        case DrsTerminateStep():
            yield from _check_terminated(group, step.in_, before, location)
        case DrsDiscardStep():
            yield from _check_discarded(group, step.in_, before, location)
        case DrsReverseStep(mode="drill"):
            yield from _check_launched_as_drill(group, step.in_, before, location)
        case DrsFailBackStep():
            yield from _check_writes_fenced(group, before, location)
        case _:
            pass


def _check_unprotected(
    step: AnyStep, after: Sequence[AnyStep], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    """Yield a warning for each launched group that no later step replicates back."""
    launch, hint = kind_of(step).get_launch(step), "add a drs.reverse step after this one"
    if launch is None or launch.is_drill:
        return
    for number, group in enumerate(launch.groups):
        if not any(_reverses_group(other, group, launch.side) for other in after):
            yield location.child("groups", number).warning(f'"{group}" is unprotected once it serves', hint=hint)
    if not launch.groups and not any(isinstance(other, DrsReverseStep) for other in after):
        yield location.child("kind").warning("the servers of the plan are unprotected once they serve", hint=hint)


def _check_protection_proven(
    group: str, action: str, serving_side: Side, before: Sequence[AnyStep], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    """Check that what runs on `serving_side` is replicated to the other side, and that a step has waited for it."""
    launched = max((n for n, step in enumerate(before) if _launches_group(step, group, serving_side)), default=-1)
    reversal = next(
        (n for n, step in enumerate(before) if n > launched and _reverses_group(step, group, serving_side)), None
    )
    if reversal is None or not any(_awaits_group(step, group, opposite(serving_side)) for step in before[reversal:]):
        yield location.problem(
            f'"{group}" is {action} before its new protection is proven',
            expected=f"a drs.reverse with in: {serving_side}, and then a drs.await_replication with in: "
            f"{opposite(serving_side)},"
            f' of "{group}" before this step',
        )


def _check_launched_as_drill(
    group: str, side: Side, before: Sequence[AnyStep], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    if _last_drill_launch(group, side, before) is None:
        yield location.problem(
            f'no step before this one launches "{group}" as a drill in the {side} Region',
            expected=f"a drs.recover with mode: drill and in: {side} before it",
        )


def _check_terminated(
    group: str, side: Side, before: Sequence[AnyStep], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    launched = _last_drill_launch(group, side, before)
    if launched is None:
        yield from _check_launched_as_drill(group, side, before, location)
        return
    reversal = max((n for n, step in enumerate(before) if _reverses_group(step, group, side)), default=-1)
    if reversal > launched and not any(
        isinstance(step, DrsDiscardStep) and step.in_ == opposite(side) and group in step.groups
        for step in before[reversal:]
    ):
        yield location.problem(
            f'"{group}" is terminated while it is replicated back, which DRS refuses',
            expected=f"a drs.discard with in: {opposite(side)} before it",
        )


def _check_discarded(
    group: str, side: Side, before: Sequence[AnyStep], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    if not any(_reverses_group(step, group, opposite(side)) and step.mode == "drill" for step in before):
        yield location.problem(
            f'no step before this one reverses a drill of "{group}"',
            expected=f"a drs.reverse with mode: drill and in: {opposite(side)} before it",
        )
    launched = _last_drill_launch(group, side, before)
    if launched is not None and not any(
        isinstance(step, DrsTerminateStep) and step.in_ == side and group in step.groups for step in before[launched:]
    ):
        yield location.problem(
            f'"{group}" is discarded while the drill\'s instances of it run, which DRS refuses',
            expected=f"a drs.terminate with in: {side} before it",
        )


def _check_writes_fenced(
    group: str, before: Sequence[AnyStep], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    drained = (step for step in before if isinstance(step, DrsAwaitReplicationStep) and step.since == "fence")
    if not any(_awaits_group(step, group, "target") for step in drained):
        yield location.warning(
            f'what users write until "{group}" is failed back may be lost',
            hint="add an alb.deregister step, and after it a drs.await_replication with since: fence",
        )


def _launches_group(step: AnyStep, group: str, side: Side) -> bool:
    launch = kind_of(step).get_launch(step)
    return launch is not None and launch.side == side and (not launch.groups or group in launch.groups)


def _last_drill_launch(group: str, side: Side, before: Sequence[AnyStep]) -> int | None:
    last = None
    for number, step in enumerate(before):
        launch = kind_of(step).get_launch(step)
        if launch is not None and launch.is_drill and launch.side == side and group in launch.groups:
            last = number
    return last


def _reverses_group(step: AnyStep, group: str, side: Side) -> TypeGuard[DrsReverseStep]:
    return isinstance(step, DrsReverseStep) and step.in_ == side and group in step.groups


def _awaits_group(step: AnyStep, group: str, side: Side) -> bool:
    return isinstance(step, DrsAwaitReplicationStep) and step.in_ == side and group in step.groups
