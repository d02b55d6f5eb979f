"""Judges the runs that are played before a rehearsal's own run, such as the failover before a failback.

The rule is the same wherever a run is played: it must pass as a rehearsal of its own would. If nothing can follow it,
the rehearsal stops. Otherwise the rehearsal goes on, and it does not pass.
"""

from __future__ import annotations

from collections.abc import Iterator

from leeward.base import durations
from leeward.rehearsal.results.objectives import RehearsalObjective
from leeward.rehearsal.results.reports.prerequisite_report import PrerequisiteReport
from leeward.rehearsal.results.result_models import ExecutionOutcome, RehearsalResult


def report_prerequisite(result: RehearsalResult) -> PrerequisiteReport:
    """Return what speaks against the run, judged like a rehearsal of its own."""
    return PrerequisiteReport(
        runbook=result.runbook,
        run=result.run,
        problems=list(_list_problems(result)),
        missed_objectives=[
            _describe_miss(name, objective)
            for name, objective in (("RTO", result.rto), ("RPO", result.rpo))
            if objective.missed
        ],
    )


def describe_failed_failover(result: RehearsalResult) -> str | None:
    """Return why a failback can't follow this failover, or None if it can.

    The failover must have succeeded, and its target must serve every client. Anything that fails in the failback would
    otherwise be blamed on the failback.
    """
    if result.outcome is ExecutionOutcome.SUCCEEDED:
        clients = result.clients
        if clients.moved is None or clients.clients is None or clients.moved == clients.clients or not clients.requests:
            return None
        return (
            f"the failover before it ({result.runbook}) succeeded, but it moved only {clients.moved} of "
            f"{clients.clients} clients"
        )
    return f"the failover before it ({result.runbook}) {_describe_end(result)}"


def _list_problems(result: RehearsalResult) -> Iterator[str]:
    if result.outcome is not ExecutionOutcome.SUCCEEDED:
        yield f"it {_describe_end(result)}"
    yield from (f"{each.name}: {each.detail}" for each in result.invariants if each.violated)
    if result.outcome is ExecutionOutcome.SUCCEEDED:
        yield from (f"{step.name!r} was {step.status}: {step.detail}" for step in result.unmet_steps)


def _describe_miss(name: str, objective: RehearsalObjective) -> str:
    limit = durations.format_duration(objective.objective_seconds)
    if objective.measured_seconds is None:
        return f"it missed the {name} of {limit}: {objective.reason}"
    return f"it missed the {name}: {durations.format_duration(objective.measured_seconds)} of {limit}"


def _describe_end(result: RehearsalResult) -> str:
    step = result.failed_step
    where = f"failed at {step.name!r}" if step else f"ended {str(result.outcome).replace('_', ' ')}"
    return f"{where}: {_describe_cause(result)}"


def _describe_cause(result: RehearsalResult) -> str:
    step = result.failed_step
    if step is not None and step.detail:
        return step.detail
    return " ".join((result.cause or result.error or "the run gave no cause").split())
