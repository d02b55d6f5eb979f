"""Decides whether a failback can be played after its failover, and if not, says why."""

from __future__ import annotations

from leeward.rehearsal.results.result_models import ExecutionOutcome, RehearsalResult


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
    step = result.failed_step
    where = f"failed at {step.name!r}" if step else f"ended {str(result.outcome).replace('_', ' ')}"
    return f"the failover before it ({result.runbook}) {where}: {_describe_cause(result)}"


def _describe_cause(result: RehearsalResult) -> str:
    step = result.failed_step
    if step is not None and step.detail:
        return step.detail
    return " ".join((result.cause or result.error or "the run gave no cause").split())
