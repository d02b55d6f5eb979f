"""Nothing that protects data is given up before its replacement protects; and whoever is left unprotected is told.

The tasks hold these rules too, against what AWS says at that moment. Here they are held against the order of the steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeGuard

from leeward.state_machines.documents.direction import Side, opposite
from leeward.state_machines.documents.runbook import Runbook
from leeward.state_machines.places import Place
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps import Step, kind_of
from leeward.state_machines.steps.drs_await_replication import AwaitReplication
from leeward.state_machines.steps.drs_discard import Discard
from leeward.state_machines.steps.drs_fail_back import FailBack
from leeward.state_machines.steps.drs_retire import Retire
from leeward.state_machines.steps.drs_reverse import Reverse
from leeward.state_machines.steps.drs_terminate import Terminate
from leeward.state_machines.steps.ec2_terminate import TerminateInstances


def check_protection(runbook: Runbook, steps: Place) -> Iterator[Problem]:
    """The problems of the runbook whose steps stand at `steps`."""
    for index, step in enumerate(runbook.steps):
        before, after = runbook.steps[:index], runbook.steps[index + 1 :]
        for number, group in enumerate(getattr(step, "groups", None) or ()):
            yield from _check_group(step, group, before, steps.at(index, "groups", number))
        yield from _check_unprotected(step, after, steps.at(index))


def _check_group(step: Step, group: str, before: Sequence[Step], place: Place) -> Iterator[Problem]:
    match step:
        case Retire():
            yield from _check_proven(group, "retired", opposite(step.in_), before, place)
        case TerminateInstances():
            yield from _check_proven(group, "terminated", step.in_, before, place)
        case Terminate():
            yield from _check_terminated(group, step.in_, before, place)
        case Discard():
            yield from _check_discarded(group, step.in_, before, place)
        case Reverse(mode="drill"):
            yield from _check_drilled(group, step.in_, before, place)
        case FailBack():
            yield from _check_drained(group, before, place)
        case _:
            pass


def _check_unprotected(step: Step, after: Sequence[Step], place: Place) -> Iterator[Problem]:
    """What is launched for good is replicated back by a later step."""
    launch, hint = kind_of(step).launch(step), "add a drs.reverse step behind this one"
    if launch is None or launch.drill:
        return
    for number, group in enumerate(launch.groups):
        if not any(_reverses(other, group, launch.side) for other in after):
            yield place.at("groups", number).warning(f'nothing protects "{group}" once it serves', hint=hint)
    if not launch.groups and not any(isinstance(other, Reverse) for other in after):
        yield place.at("kind").warning("nothing protects the servers of the plan once they serve", hint=hint)


def _check_proven(group: str, done: str, serves: Side, before: Sequence[Step], place: Place) -> Iterator[Problem]:
    """What serves on the side `serves` is replicated to the other side, and that was waited for."""
    launched = max((n for n, step in enumerate(before) if _launches(step, group, serves)), default=-1)
    reversal = next((n for n, step in enumerate(before) if n > launched and _reverses(step, group, serves)), None)
    if reversal is None or not any(_awaits(step, group, opposite(serves)) for step in before[reversal:]):
        yield place.problem(
            f'"{group}" is {done} before its new protection is proven',
            expected=f"a drs.reverse with in: {serves}, and then a drs.await_replication with in: {opposite(serves)},"
            f' of "{group}" before this step',
        )


def _check_drilled(group: str, side: Side, before: Sequence[Step], place: Place) -> Iterator[Problem]:
    if _last_drill(group, side, before) is None:
        yield place.problem(
            f'no step before this one launches "{group}" as a drill in the {side} Region',
            expected=f"a drs.recover with mode: drill and in: {side} before it",
        )


def _check_terminated(group: str, side: Side, before: Sequence[Step], place: Place) -> Iterator[Problem]:
    launched = _last_drill(group, side, before)
    if launched is None:
        yield from _check_drilled(group, side, before, place)
        return
    reversal = max((n for n, step in enumerate(before) if _reverses(step, group, side)), default=-1)
    if reversal > launched and not any(
        isinstance(step, Discard) and step.in_ == opposite(side) and group in step.groups for step in before[reversal:]
    ):
        yield place.problem(
            f'"{group}" is terminated while it is replicated back, which DRS refuses',
            expected=f"a drs.discard with in: {opposite(side)} before it",
        )


def _check_discarded(group: str, side: Side, before: Sequence[Step], place: Place) -> Iterator[Problem]:
    if not any(_reverses(step, group, opposite(side)) and step.mode == "drill" for step in before):
        yield place.problem(
            f'no step before this one reverses a drill of "{group}"',
            expected=f"a drs.reverse with mode: drill and in: {opposite(side)} before it",
        )
    launched = _last_drill(group, side, before)
    if launched is not None and not any(
        isinstance(step, Terminate) and step.in_ == side and group in step.groups for step in before[launched:]
    ):
        yield place.problem(
            f'"{group}" is discarded while the drill\'s instances of it run, which DRS refuses',
            expected=f"a drs.terminate with in: {side} before it",
        )


def _check_drained(group: str, before: Sequence[Step], place: Place) -> Iterator[Problem]:
    drained = (step for step in before if isinstance(step, AwaitReplication) and step.since == "fence")
    if not any(_awaits(step, group, "target") for step in drained):
        yield place.warning(
            f'what users write until "{group}" is failed back may be lost',
            hint="add an alb.deregister step, and behind it a drs.await_replication with since: fence",
        )


def _launches(step: Step, group: str, side: Side) -> bool:
    launch = kind_of(step).launch(step)
    return launch is not None and launch.side == side and (not launch.groups or group in launch.groups)


def _last_drill(group: str, side: Side, before: Sequence[Step]) -> int | None:
    found = None
    for number, step in enumerate(before):
        launch = kind_of(step).launch(step)
        if launch is not None and launch.drill and launch.side == side and group in launch.groups:
            found = number
    return found


def _reverses(step: Step, group: str, side: Side) -> TypeGuard[Reverse]:
    return isinstance(step, Reverse) and step.in_ == side and group in step.groups


def _awaits(step: Step, group: str, side: Side) -> bool:
    return isinstance(step, AwaitReplication) and step.in_ == side and group in step.groups
