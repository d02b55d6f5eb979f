"""Checks the `static-stability` invariant: no call depends on an unavailable Region or its control planes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from leeward.kinds.registry import step_tasks
from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.rehearsal.task_functions import find_task_name

# These tasks monitor and belong to no run. The Region that they monitor may be unavailable.
_MONITORING_TASKS = frozenset({"readiness", "probe", "run_watch", "drill_watch"})


def static_stability(record: RunRecord) -> InvariantReport:
    """Check that no call went to a Region during its outage.

    A run that needs the origin Region can't fail over from it. Calls to the control planes of Route 53 and IAM are
    signed for us-east-1 and count as calls to that Region. The following calls don't count:

    - Calls to the ARC cluster endpoints. Five Regions have one endpoint each, and the client tries them in random
      order. It is designed to skip an unavailable endpoint.
    - Calls of tasks that declare that they tolerate an outage. They handle a Region that doesn't respond: by deferring
      their work, or by failing the step.
    - Calls of monitoring tasks, which belong to no run.
    """
    offending: Counter[str] = Counter()
    checked = 0
    exempt = _MONITORING_TASKS | {name for name, task in step_tasks().items() if task.tolerates_outage}
    for call in record.calls:
        if call.service == "route53-recovery-cluster" or find_task_name(call.caller or "") in exempt:
            continue
        unavailable = _find_unavailable(record, call.at)
        checked += bool(unavailable)
        if call.region in unavailable:
            offending[f"{call.operation} in {call.region}"] += 1
    if offending:
        detail = ", ".join(f"{name} ({count})" for name, count in sorted(offending.items()))
        return InvariantReport.violation("static-stability", f"called during a Region outage: {detail}", checked)
    return InvariantReport.of(
        "static-stability",
        checked,
        f"none of {checked} calls during an outage depended on the unavailable Region",
        otherwise="the run made no call while a Region was unavailable",
    )


def _find_unavailable(record: RunRecord, at: datetime) -> set[str]:
    return {region for region, since, until in record.region_outages if since <= at and (until is None or at < until)}


INVARIANT = Invariant(
    "static-stability",
    "No call depends on an unavailable Region or its control planes",
    static_stability,
)
