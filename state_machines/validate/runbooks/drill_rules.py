"""Rules for drills: a drill affects no users, removes nothing permanently, and cleans up. A real recovery
moves users.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunRegions, opposite
from leeward.state_machines.components import TRAFFIC_COMPONENTS
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.steps import AnyStep, kind_of
from leeward.state_machines.steps.drs_discard import DrsDiscardStep
from leeward.state_machines.steps.drs_retire import DrsRetireStep
from leeward.state_machines.steps.drs_reverse import DrsReverseStep
from leeward.state_machines.steps.drs_terminate import DrsTerminateStep
from leeward.state_machines.steps.ec2_terminate import Ec2TerminateStep


def check_drills(runbook: Runbook, steps: DocumentLocation, application: Application) -> Iterator[DocumentProblem]:
    """Yield the problems of the runbook as a drill or as a real run. `steps` is the location of its steps."""
    modes = {index: drill for index, step in enumerate(runbook.steps) if (drill := _is_drill_step(step)) is not None}
    drills = [index for index, drill in modes.items() if drill]
    if not drills:
        if any(kind_of(step).get_launch(step) for step in runbook.steps):
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
    """Return whether the runbook is a drill: it launches servers, and each of its launches and reversals is a
    drill's.
    """
    modes = [_is_drill_step(step) for step in runbook.steps]
    return True in modes and False not in modes


def _is_drill_step(step: AnyStep) -> bool | None:
    """Return whether the step is a drill's. Returns None when it is the same in a drill and in a real run."""
    if isinstance(step, DrsReverseStep):
        # A run that only reverses, or that cleans up, is not a failover.
        return step.mode == "drill"
    launch = kind_of(step).get_launch(step)
    return None if launch is None else launch.is_drill


def _check_users_moved(
    runbook: Runbook, steps: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    traffic = [name for model in TRAFFIC_COMPONENTS for name, _ in application.components_of_kind(model)]
    if traffic and not any(kind_of(step).moves_traffic for step in runbook.steps):
        yield steps.problem(
            f"no step moves the users, although the application has traffic: {', '.join(traffic)}",
            expected="an arc.route or a route53.weights step",
            key=True,
        )


def _check_harmless(
    step: AnyStep, location: DocumentLocation, run_regions: RunRegions, application: Application
) -> Iterator[DocumentProblem]:
    kind = kind_of(step)
    side = kind.changed_target_group_side(step)
    if kind.moves_traffic:
        yield location.problem("a drill moves traffic", expected="no traffic step where servers are drilled")
    elif side is not None and run_regions.region(side) == application.regions.primary:
        yield location.problem(
            f"a drill changes the load balancer of {application.regions.primary}, which serves the users",
            expected="no such step where servers are drilled",
        )
    elif isinstance(step, DrsRetireStep | Ec2TerminateStep):
        yield location.problem(
            f"a drill removes servers permanently: {step.kind}",
            expected="drs.terminate and drs.discard, which remove what the drill created",
        )


def _check_cleaned_up(steps: Sequence[AnyStep], location: DocumentLocation) -> Iterator[DocumentProblem]:
    for index, step in enumerate(steps):
        later = steps[index + 1 :]
        launch = kind_of(step).get_launch(step)
        for number, group in enumerate(launch.groups if launch is not None else ()):
            side = launch.side if launch is not None else "target"
            if not any(isinstance(o, DrsTerminateStep) and o.in_ == side and group in o.groups for o in later):
                yield location.child(index, "groups", number).warning(
                    f'the drill leaves the instances of "{group}" running', hint="add a drs.terminate step after it"
                )
        for number, group in enumerate(step.groups if isinstance(step, DrsReverseStep) else ()):
            copies = opposite(step.in_) if isinstance(step, DrsReverseStep) else "target"
            if not any(isinstance(o, DrsDiscardStep) and o.in_ == copies and group in o.groups for o in later):
                yield location.child(index, "groups", number).warning(
                    f'the drill leaves "{group}" replicating back', hint="add a drs.discard step after it"
                )
