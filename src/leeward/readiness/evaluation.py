"""Run every check; what could not be looked at is unknown, and says why."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from leeward.common.errors import AccessDenied, LeewardError
from leeward.control.run.run_index import list_runs
from leeward.readiness.checks import CHECKS_BY_AREA, ReadinessCheck
from leeward.readiness.checks.drill_history import SUCCEEDED
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ExpectedDuration, ReadinessFinding, ReadinessReport, unknown
from leeward.readiness.model.readiness_input import ReadinessInput


def evaluate_readiness(inputs: ReadinessInput, clients: CheckClients) -> ReadinessReport:
    """Look at everything. Never raises a LeewardError: what it could not see is a finding."""
    found = [finding for area, look in CHECKS_BY_AREA for finding in _run_check(area, look, inputs, clients)]
    return ReadinessReport.from_findings(
        found,
        application=inputs.application,
        runbook=inputs.runbook,
        region=inputs.region,
        at=clients.now,
        expected=_expected_duration(inputs, clients),
    )


def _run_check(
    area: str, check: ReadinessCheck, inputs: ReadinessInput, clients: CheckClients
) -> Iterator[ReadinessFinding]:
    """The findings of one check; those that it made before it met an error are kept."""
    try:
        yield from check(inputs, clients)
    except LeewardError as error:
        fix = "grant the permission that the message names" if isinstance(error, AccessDenied) else "look again"
        yield unknown(area, inputs.application, f"{type(error).__name__}: {error}", fix)


def _expected_duration(inputs: ReadinessInput, clients: CheckClients) -> ExpectedDuration:
    """The median of the runbook's own runs that succeeded, told with their number."""
    try:
        took = [
            (run.ended_at - run.began_at).total_seconds()
            for run in list_runs(clients.table, inputs.application)
            if run.runbook == inputs.runbook and run.ended_at is not None and run.outcome == SUCCEEDED
        ]
    except LeewardError as error:
        return ExpectedDuration(
            seconds=None, objective_seconds=inputs.rto_seconds, source=f"the journal is silent: {error}"
        )
    if not took:
        source = f"no run of {inputs.runbook} has succeeded yet: see leeward plan, or rehearse it"
        return ExpectedDuration(seconds=None, objective_seconds=inputs.rto_seconds, source=source)
    return ExpectedDuration(
        seconds=round(median(took)),
        objective_seconds=inputs.rto_seconds,
        source=f"the median of {len(took)} runs that succeeded",
    )
