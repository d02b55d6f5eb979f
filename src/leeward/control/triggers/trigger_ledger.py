"""The trigger ledger of an application, in the state table: runs that alarms started, and decisions about events."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from leeward.common.aws.tables.state_table import ITEM_ABSENT, Item, StateTable, attribute_equals
from leeward.control.triggers.trigger_decision import StartClaim, TriggerDecision, TriggerOccurrence, TriggerVerdict

_CLAIMS_KEY = "STARTS"
_DAY = timedelta(hours=24)


class TriggerLedger:
    """The starts of one application in the last 24 hours. Every write is conditional on the version that was read."""

    def __init__(self, table: StateTable, application: str) -> None:
        self._table, self._pk = table, f"TRIGGER#{application}"
        self._version = 0

    def read_claims(self, now: datetime) -> list[StartClaim]:
        """Return the claims of the last 24 hours, oldest first."""
        item = self._table.get(self._pk, _CLAIMS_KEY)
        self._version = int(item["version"]) if item else 0
        starts = json.loads(str(item["starts"])) if item else []
        claims = [StartClaim(**{**start, "at": datetime.fromisoformat(start["at"])}) for start in starts]
        return [claim for claim in claims if now - claim.at < _DAY]

    def add_claim(self, claim: StartClaim, claims: Sequence[StartClaim]) -> bool:
        """Add `claim` to `claims`, as they were read. Return False if another writer has changed them since."""
        return claim in claims or self._write_claims([*claims, claim])

    def mark_begun(self, claim: StartClaim, now: datetime) -> None:
        """Record that the claim's execution has started. If another write wins, it costs one idempotent start."""
        self._write_claims([replace(each, begun=True) if each == claim else each for each in self.read_claims(now)])

    def record_decision(self, occurrence: TriggerOccurrence, decision: TriggerDecision, now: datetime) -> None:
        """Record the decision, once for each event and verdict."""
        self._table.put(
            {
                "pk": self._pk,
                "sk": f"EVENT#{occurrence.at.astimezone(UTC).isoformat()}#{occurrence.id}#{decision.verdict}",
                "at": now.astimezone(UTC).isoformat(),
                "verdict": decision.verdict.value,
                "reason": decision.reason,
                "run": decision.claim.name if decision.claim else None,
            },
            condition=ITEM_ABSENT,
        )

    def may_notify(self, verdict: TriggerVerdict, now: datetime, cool_down: timedelta) -> bool:
        """Return whether to notify operators of this verdict now, which is allowed once per cool-down."""
        sk, at = f"TOLD#{verdict}", now.astimezone(UTC).isoformat()
        item = self._table.get(self._pk, sk)
        if item is not None and now - datetime.fromisoformat(str(item["at"])) < cool_down:
            return False
        condition = ITEM_ABSENT if item is None else attribute_equals("at", str(item["at"]))
        return self._table.put({"pk": self._pk, "sk": sk, "at": at}, condition=condition)

    def _write_claims(self, claims: Sequence[StartClaim]) -> bool:
        starts = [
            {"runbook": c.runbook, "name": c.name, "input": c.input, "at": c.at.isoformat(), "begun": c.begun}
            for c in claims
        ]
        condition = attribute_equals("version", self._version) if self._version else ITEM_ABSENT
        item: Item = {"pk": self._pk, "sk": _CLAIMS_KEY, "version": self._version + 1, "starts": json.dumps(starts)}
        written = self._table.put(item, condition=condition)
        self._version += written
        return written
