"""static stability: no call to a Region that is dark, nor to a control plane that lives there."""

from __future__ import annotations

from collections import Counter

from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import InvariantReport
from leeward.rehearsal.task_functions import find_task_name

# The last four watch and belong to no run: what they look at may well be dark.
_EXEMPT_TASKS = frozenset({"drs_reverse", "api_switch", "readiness", "probe", "run_watch", "drill_watch"})


def static_stability(record: RunRecord) -> InvariantReport:
    """A run that needs the Region it is leaving cannot leave it. The control planes of Route 53 and IAM sign for
    us-east-1 and count as that Region. ARC's cluster endpoints do not count: five Regions hold one each, the client
    tries them in random order, and meeting a dark one is how it is meant to be used. Nor does drs.reverse, which comes
    when the users have been moved, says that it asks the other Region, and defers when that does not answer; nor
    api.fence and its kin, which say the same."""
    offending: Counter[str] = Counter()
    for call in record.calls:
        if call.service == "route53-recovery-cluster" or find_task_name(call.caller or "") in _EXEMPT_TASKS:
            continue
        for region, since, until in record.region_outages:
            if call.region == region and call.at >= since and (until is None or call.at < until):
                offending[f"{call.operation} in {region}"] += 1
    if offending:
        detail = ", ".join(f"{name} ({n})" for name, n in sorted(offending.items()))
        return InvariantReport(name="static-stability", held=False, detail=f"called while dark: {detail}")
    dark = ", ".join(region for region, _, _ in record.region_outages) or "no Region was dark"
    return InvariantReport(
        name="static-stability", held=True, detail=f"no call depended on {dark}" if record.region_outages else dark
    )
