"""What alarms have started, and what became of every event: the application's ledger in the journal's table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from leeward.common.table import NEW, Item, Table, equals
from leeward.control.starting import Claim, Decision, Occasion, Verdict

_STARTS = "STARTS"
_DAY = timedelta(hours=24)


class Ledger:
    """The starts of one application in the last 24 hours. Every change is conditional on what was read."""

    def __init__(self, table: Table, application: str) -> None:
        self._table, self._pk = table, f"TRIGGER#{application}"
        self._version = 0

    def read(self, now: datetime) -> list[Claim]:
        """Oldest first."""
        item = self._table.get(self._pk, _STARTS)
        self._version = int(item["version"]) if item else 0
        told = json.loads(str(item["starts"])) if item else []
        claims = [Claim(**{**claim, "at": datetime.fromisoformat(claim["at"])}) for claim in told]
        return [claim for claim in claims if now - claim.at < _DAY]

    def claim(self, claim: Claim, starts: Sequence[Claim]) -> bool:
        """Add it to `starts`, as they were read; False when someone else has changed them since."""
        return claim in starts or self._write([*starts, claim])

    def begun(self, claim: Claim, now: datetime) -> None:
        """The claim's execution has been started. Losing this to somebody else's write costs one idempotent start."""
        self._write([replace(each, begun=True) if each == claim else each for each in self.read(now)])

    def record(self, occasion: Occasion, decision: Decision, now: datetime) -> None:
        """Write the decision down, once for each event and verdict."""
        self._table.put(
            {
                "pk": self._pk,
                "sk": f"EVENT#{occasion.at.astimezone(UTC).isoformat()}#{occasion.id}#{decision.verdict}",
                "at": now.astimezone(UTC).isoformat(),
                "verdict": decision.verdict.value,
                "reason": decision.reason,
                "run": decision.claim.name if decision.claim else None,
            },
            when=NEW,
        )

    def may_tell(self, verdict: Verdict, now: datetime, cool_down: timedelta) -> bool:
        """Whether people are to be told of this verdict now: once in a cool-down."""
        sk, at = f"TOLD#{verdict}", now.astimezone(UTC).isoformat()
        item = self._table.get(self._pk, sk)
        if item is not None and now - datetime.fromisoformat(str(item["at"])) < cool_down:
            return False
        when = NEW if item is None else equals("at", str(item["at"]))
        return self._table.put({"pk": self._pk, "sk": sk, "at": at}, when=when)

    def _write(self, claims: Sequence[Claim]) -> bool:
        told = [
            {"runbook": c.runbook, "name": c.name, "input": c.input, "at": c.at.isoformat(), "begun": c.begun}
            for c in claims
        ]
        when = equals("version", self._version) if self._version else NEW
        item: Item = {"pk": self._pk, "sk": _STARTS, "version": self._version + 1, "starts": json.dumps(told)}
        written = self._table.put(item, when=when)
        self._version += written
        return written
