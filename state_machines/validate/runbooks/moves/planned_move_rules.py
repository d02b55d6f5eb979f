"""Rules for planned moves: nothing that users have written is lost, because writes are fenced and have arrived.

A failback is always planned. A failover may be, but a runbook can't rely on an origin that has failed. An active-active
application fences nothing: both of its Regions may write, and only what has been written must have arrived.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leeward.kinds.descriptors.effects import Effect
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunDirection, RunRegions
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.rules.kind_advice import name_kinds
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.step_kinds.step_effects import CopyWait, OriginOverwrite, WriteFence, WritesWait
from leeward.state_machines.step_kinds.step_model import StepModel
from leeward.state_machines.validate.runbooks.moves.earlier_steps import Move, find_moves, has_typed, is_certain


def check_planned_moves(
    runbook: Runbook, steps: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    """Yield the fences that come too late, and the moves of a failback before writes are fenced and have arrived."""
    run_regions = RunRegions.from_direction(application.regions, runbook.direction)
    moves = list(find_moves(runbook, steps, run_regions))
    for move in moves[:1]:
        yield from _check_late_fences(move, steps, run_regions)
    if runbook.direction is RunDirection.FAILBACK:
        problems = [problem for move in moves for problem in _check_move(move, application, run_regions)]
        yield from problems or _warn_of_lost_writes(runbook, steps)


def _check_move(move: Move, application: Application, run_regions: RunRegions) -> Iterator[DocumentProblem]:
    if application.mode == "active-passive":
        yield from _check_servers(move, application, run_regions)
    yield from _check_api(move, application, run_regions)


def _warn_of_lost_writes(runbook: Runbook, steps: DocumentLocation) -> Iterator[DocumentProblem]:
    """Warn of servers that are replaced although their copies may be behind, where no component can be fenced."""
    for index, step in enumerate(runbook.steps):
        overwrite = step.find_effect(OriginOverwrite)
        for number, group in enumerate(overwrite.groups if overwrite is not None else ()):
            if not _copies_arrived(runbook.steps[:index], group):
                yield steps.child(index, "groups", number).warning(
                    f'what users write until "{group}" is failed back may be lost',
                    hint=f"add {name_kinds(Effect.FENCES_WRITES)}, and after it "
                    f"{name_kinds(Effect.AWAITS_COPIES, fields='since: fence')}",
                )


def _check_late_fences(move: Move, steps: DocumentLocation, run_regions: RunRegions) -> Iterator[DocumentProblem]:
    if any(_fences(step) for step in move.before):
        return
    for index in range(move.index + 1, len(move.steps)):
        fence = move.steps[index].find_effect(WriteFence)
        if fence is not None and fence.side == "origin":
            yield steps.child(index, "kind").problem(
                f'"{move.steps[index].name}" fences {run_regions.origin} after "{move.step.name}" has moved the users: '
                "until then, both Regions take writes",
                expected=f'the fence before "{move.step.name}"',
                key=True,
            )


def _check_servers(move: Move, application: Application, run_regions: RunRegions) -> Iterator[DocumentProblem]:
    """Check that users can't write while their servers are launched in the target Region, and that the copies have
    what users wrote before.
    """
    served, launched = move.target_groups(application), move.launched_groups(application)
    if not served:
        return  # no step kind can fence these servers
    first_launch = min(launched.values())
    before = move.steps[:first_launch]
    fences = [index for index, step in enumerate(before) if _fences(step)]
    unfenced = [name for name, _ in served if not any(_fences(before[index], name) for index in fences)]
    if unfenced:
        yield move.location.problem(
            f'"{move.step.name}" is a planned move, but users can write in {run_regions.origin} until then: no step '
            f"before the launch fences {', '.join(unfenced)}",
            expected=f"{name_kinds(Effect.FENCES_WRITES, fields='targets: and in: origin')} before "
            f'"{move.steps[first_launch].name}"',
            key=True,
        )
        return
    behind = [group for group in launched if not _copies_arrived(before[fences[-1] + 1 :], group)]
    if behind:
        yield move.location.problem(
            f'"{move.step.name}" is a planned move, but what users wrote in {run_regions.origin} before the fence may '
            f"be missing: no step after the fence waits for the copies of {', '.join(behind)}",
            expected=f"{name_kinds(Effect.AWAITS_COPIES, fields='since: fence')} between the fence and "
            f'"{move.steps[first_launch].name}"',
            key=True,
        )


def _check_api(move: Move, application: Application, run_regions: RunRegions) -> Iterator[DocumentProblem]:
    """Check that the table of the API that users are moved to has what was written in the origin Region."""
    name = _moved_api(move.step, application)
    api = application.components.get(name)
    if not isinstance(api, RestApiComponent):
        return
    start = 0
    if application.mode == "active-passive":
        fences = [index for index, step in enumerate(move.before) if _fences(step, name)]
        if not fences:
            yield move.location.problem(
                f'"{move.step.name}" is a planned move, but users can write in {run_regions.origin} until then: no '
                f"step before it fences {name}",
                expected=f"{name_kinds(Effect.FENCES_WRITES, fields='component: and in: origin')} before it",
                key=True,
            )
            return
        start = fences[-1] + 1
    if not any(is_certain(step) and _writes_arrived(step, api.table) for step in move.steps[start : move.index]):
        yield move.location.problem(
            f'"{move.step.name}" is a planned move, but what users wrote in {run_regions.origin} may be missing: no '
            f"step before it waits until {api.table} has it in {run_regions.target}",
            expected=f"{name_kinds(Effect.AWAITS_WRITES, fields='in: target')} before it",
            key=True,
        )


def _moved_api(step: StepModel, application: Application) -> str:
    """Return the component of the API whose users the step moves: its own, or the one that its records follow."""
    name = str(getattr(step, "component", ""))
    health = getattr(application.components.get(name), "health", None)
    return health if isinstance(health, str) else name


def _fences(step: StepModel, component: str | None = None) -> bool:
    return is_certain(step) and has_typed(
        step,
        WriteFence,
        lambda fence: fence.side == "origin" and (component is None or component in fence.components),
    )


def _copies_arrived(steps: Sequence[StepModel], group: str) -> bool:
    return any(
        is_certain(step) and has_typed(step, CopyWait, lambda wait: wait.after_fence and wait.covers(group, "target"))
        for step in steps
    )


def _writes_arrived(step: StepModel, table: str) -> bool:
    return has_typed(step, WritesWait, lambda wait: wait.side == "target" and wait.component == table)
