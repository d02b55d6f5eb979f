"""Launch intents: the StartRecovery calls of a run, recorded before they are sent.

StartRecovery has no idempotency token. A job can be found by its tags, but DescribeJobs may not show a new job
immediately, and a caller that crashed may or may not have sent the call. Therefore, each call has an intent in the
table. It is created before the call with a conditional write, updated with the job after the response, and deleted if
DRS certainly refused the call. An intent without a job blocks its servers for `UNANSWERED_HOLD`, which is longer than a
caller can live and long enough for the job to appear.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from leeward.common.aws.tables.state_table import StateTable, attribute_equals
from leeward.common.aws.tables.write_fence import RunFence, put_fenced

UNANSWERED_HOLD = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class LaunchIntent:
    """One StartRecovery call. `job` is None until the response is known."""

    number: int
    servers: tuple[str, ...]
    placed_at: datetime
    placed_by: str
    job: str | None = None

    def is_unanswered(self, now: datetime) -> bool:
        """Return whether the call may still be in progress, or its job may still appear."""
        return self.job is None and now < self.placed_at + UNANSWERED_HOLD


class LaunchIntentStore:
    """The launch intents of one run, step, and group, over all attempts.

    An intent is recorded only while the run's `fence` holds, in the same transaction.
    """

    def __init__(self, table: StateTable, run: str, step: str, group: str, fence: RunFence | None = None) -> None:
        self._table, self._fence = table, fence
        self._pk = f"ORDER#{run}"
        self._prefix = f"{step}#{group}#"

    def list_intents(self) -> list[LaunchIntent]:
        """Return every intent that was not withdrawn, ordered by number."""
        return [_intent_from_item(item) for item in self._table.query(self._pk, self._prefix)]

    def record(self, intent: LaunchIntent) -> bool:
        """Record the intent. Return False if another caller used its number, and the call must not be sent.

        Raises the fence's error, such as LockLost, if the run may no longer act.
        """
        item = self._item(intent)
        existing = (
            self._table.put_if_absent(item) if self._fence is None else put_fenced(self._table, item, self._fence)
        )
        # The item may be our own, if the response to our write was lost.
        return existing is None or _intent_from_item(existing) == intent

    def record_job(self, intent: LaunchIntent, job_id: str) -> None:
        """Record the job that DRS returned for the call."""
        self._table.put(
            self._item(replace(intent, job=job_id)), condition=attribute_equals("placed_by", intent.placed_by)
        )

    def withdraw(self, intent: LaunchIntent) -> None:
        """Delete the intent, because DRS refused the call and started nothing."""
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


def list_step_intents(table: StateTable, run: str, step: str) -> dict[str, list[LaunchIntent]]:
    """Return the step's intents by group, over all attempts."""
    intents: dict[str, list[LaunchIntent]] = {}
    for item in table.query(f"ORDER#{run}", f"{step}#"):
        group = str(item["sk"]).split("#")[1]
        intents.setdefault(group, []).append(_intent_from_item(item))
    return intents


def list_run_intents(table: StateTable, run: str) -> list[LaunchIntent]:
    """Return the run's intents, of every step and group."""
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
