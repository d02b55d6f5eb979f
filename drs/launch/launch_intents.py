"""What a run has asked DRS to launch, written down before it asks.

StartRecovery has no idempotency token. The job's tags find it again, but DescribeJobs may not show a new job at once,
and a caller that died may or may not have sent the call. So each call is an order in the table: placed (new, on the
condition that it is) before the call, marked with the job after the answer, withdrawn when DRS refused it for certain.
An order without a job holds its servers back until `QUIET` has passed: longer than a caller can live, and long enough
for its job to be seen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from leeward.common.aws.state_table import ITEM_ABSENT, StateTable, attribute_equals

UNANSWERED_HOLD = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class LaunchIntent:
    """One StartRecovery. `job` is None while its answer is not known."""

    number: int
    servers: tuple[str, ...]
    placed_at: datetime
    placed_by: str
    job: str | None = None

    def is_unanswered(self, now: datetime) -> bool:
        """Whether its call may still be under way, or its job still unseen."""
        return self.job is None and now < self.placed_at + UNANSWERED_HOLD


class LaunchIntentStore:
    """The orders of one run, one step and one group, over all attempts."""

    def __init__(self, table: StateTable, run: str, step: str, group: str) -> None:
        self._table = table
        self._pk = f"ORDER#{run}"
        self._prefix = f"{step}#{group}#"

    def list_intents(self) -> list[LaunchIntent]:
        """Every order that was not withdrawn, in the order of their numbers."""
        return [_intent_from_item(item) for item in self._table.query(self._pk, self._prefix)]

    def record(self, intent: LaunchIntent) -> bool:
        """Whether this order's call may be sent. False when another caller placed that number."""
        if self._table.put(self._item(intent), condition=ITEM_ABSENT):
            return True
        # Ours after all, when the answer to our own write was lost.
        item = self._table.get(self._pk, self._sk(intent.number))
        return item is not None and _intent_from_item(item) == intent

    def record_job(self, intent: LaunchIntent, job_id: str) -> None:
        """The call was answered with this job."""
        self._table.put(
            self._item(replace(intent, job=job_id)), condition=attribute_equals("placed_by", intent.placed_by)
        )

    def withdraw(self, intent: LaunchIntent) -> None:
        """DRS refused the call: nothing was started."""
        self._table.delete(self._pk, self._sk(intent.number), condition=attribute_equals("placed_by", intent.placed_by))

    def _sk(self, number: int) -> str:
        return f"{self._prefix}{number:04}"

    def _item(self, intent: LaunchIntent) -> dict[str, str | int | None]:
        return {
            "pk": self._pk,
            "sk": self._sk(intent.number),
            "number": intent.number,
            "servers": json.dumps(intent.servers),
            "placed_at": intent.placed_at.astimezone(UTC).isoformat(),
            "placed_by": intent.placed_by,
            "job": intent.job,
        }


def list_run_intents(table: StateTable, run: str) -> list[LaunchIntent]:
    """The run's orders, of every step and group."""
    return [_intent_from_item(item) for item in table.query(f"ORDER#{run}")]


def _intent_from_item(item: dict[str, str | int]) -> LaunchIntent:
    job = item.get("job")
    return LaunchIntent(
        number=int(item["number"]),
        servers=tuple(json.loads(str(item["servers"]))),
        placed_at=datetime.fromisoformat(str(item["placed_at"])),
        placed_by=str(item["placed_by"]),
        job=None if job is None else str(job),
    )
