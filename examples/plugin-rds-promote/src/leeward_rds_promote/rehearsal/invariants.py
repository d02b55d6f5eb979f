"""What every rehearsal checks: a run asks for no promotion that RDS refuses."""

from __future__ import annotations

from collections import Counter

from leeward.api import Invariant, InvariantReport, RunRecord

_NAME = "promoted-once"
# RDS refuses a second promotion, because the instance is no replica any more.
_REFUSED = "InvalidDBInstanceState"


def promoted_once(record: RunRecord) -> InvariantReport:
    """Check that no promotion was refused. A task that forgets what an earlier call did would promote again."""
    outcomes = Counter(call.outcome for call in record.calls if call.operation == "rds:PromoteReadReplica")
    refused = sum(count for outcome, count in outcomes.items() if outcome.startswith(_REFUSED))
    detail = f"{refused} promotions were refused" if refused else f"{outcomes['ok']} promotions, none refused"
    return InvariantReport(name=_NAME, held=not refused, detail=detail)


PROMOTED_ONCE = Invariant(_NAME, "A run promotes no read replica a second time", promoted_once)
