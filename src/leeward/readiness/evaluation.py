"""Run all readiness checks and build the report."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from statistics import median

from leeward.base.import_paths import ImportPath, load
from leeward.common.errors import AccessDenied, LeewardError
from leeward.control.run.run_index import list_runs
from leeward.kinds.plugin_discovery import plugins
from leeward.readiness.checks.drill_history import SUCCEEDED
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ExpectedDuration, ReadinessFinding, ReadinessReport, unknown
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import ReadinessInput


def evaluate_readiness(inputs: ReadinessInput, clients: CheckClients) -> ReadinessReport:
    """Run every check and return the report. A LeewardError in a check becomes an `unknown` finding."""
    findings = [finding for check in list_checks() for finding in _run_check(check, inputs, clients)]
    return ReadinessReport.from_findings(
        findings,
        application=inputs.application,
        runbook=inputs.runbook,
        region=inputs.region,
        at=clients.now,
        expected=_expected_duration(inputs, clients),
    )


@cache
def list_checks() -> tuple[ReadinessCheck, ...]:
    """Return the checks of all plug-ins, Leeward's own first."""
    return tuple(_load_check(path) for plugin in plugins() for path in plugin.readiness_checks)


def _load_check(path: ImportPath) -> ReadinessCheck:
    """Return the check. One that can't be loaded becomes a check that says so, so that the others still run."""
    try:
        check: ReadinessCheck = load(path)
    except Exception as error:
        text = f"{type(error).__name__}: {error}"

        def report(inputs: ReadinessInput, _clients: CheckClients) -> Iterator[ReadinessFinding]:
            yield unknown("plug-in", inputs.application, f"{path} can't be loaded: {text}", "repair the plug-in")

        return ReadinessCheck("plug-in", report)
    return check


def _run_check(check: ReadinessCheck, inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Yield the findings of one check, including those that it yields before it raises an error.

    A defect of one check must not hide what the others found.
    """
    try:
        yield from check.check(inputs, clients)
    except LeewardError as error:
        fix = "grant the permission that the message names" if isinstance(error, AccessDenied) else "check again"
        yield unknown(check.area, inputs.application, f"{type(error).__name__}: {error}", fix)
    except Exception as error:
        detail = f"the check failed unexpectedly: {type(error).__name__}: {error}"
        yield unknown(check.area, inputs.application, detail, "report this to the author of the check")


def _expected_duration(inputs: ReadinessInput, clients: CheckClients) -> ExpectedDuration:
    """Return the median duration of the runbook's successful runs, with their number in `source`."""
    try:
        durations = [
            (run.ended_at - run.began_at).total_seconds()
            for run in list_runs(clients.table, inputs.application)
            if run.runbook == inputs.runbook and run.ended_at is not None and run.outcome == SUCCEEDED
        ]
    except LeewardError as error:
        return ExpectedDuration(
            seconds=None, objective_seconds=inputs.rto_seconds, source=f"the journal can't be read: {error}"
        )
    if not durations:
        source = f"no run of {inputs.runbook} has succeeded yet: see leeward plan, or rehearse it"
        return ExpectedDuration(seconds=None, objective_seconds=inputs.rto_seconds, source=source)
    return ExpectedDuration(
        seconds=round(median(durations)),
        objective_seconds=inputs.rto_seconds,
        source=f"the median of {len(durations)} runs that succeeded",
    )
