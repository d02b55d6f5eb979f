"""Lambda event source mappings: invoke a function with the records of a DynamoDB stream, in each Region.

Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB": Lambda polls a shard four times a second. Records that
match the filter come in batches, and the records of one item in the order of its writes. A replicated write comes when
the replica has it. A failed batch is split in half and retried before any later record, and is discarded to the
mapping's destination in the end. A stream keeps its records for a day, so a Region that was unavailable processes them
when it returns.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.events.models import EventPattern

from leeward.twin.aws.global_tables import GlobalTables
from leeward.twin.engine import Engine

_POLL_SECONDS, _OUTAGE_POLL_SECONDS = 0.25, 5
_BATCH_SIZE = 100
# As the template of the mapping sets them: BisectBatchOnFunctionError, MaximumRetryAttempts.
_RETRIES, _FIRST_RETRY_DELAY, _MAX_RETRY_DELAY = 10, 1, 60
StreamRecord = Mapping[str, Any]


class EventSourceMapping:
    """One mapping: a function of one Region on the stream of that Region's replica."""

    def __init__(self, engine: Engine, region: str, function: str, pattern: str) -> None:
        self._engine, self._region, self._function = engine, region, function
        self._pattern = EventPattern.load(pattern)
        self._queue: list[StreamRecord] = []
        self._poll_scheduled = False
        self.discarded_records: list[StreamRecord] = []
        """The records that were sent to the mapping's destination after the last retry."""

    def receive_record(self, record: StreamRecord) -> None:
        """Queue a record of the stream if it matches the filter pattern."""
        if self._pattern.matches_event(record):
            self._queue.append(record)
            self._schedule_poll(_POLL_SECONDS)

    def _schedule_poll(self, seconds: float) -> None:
        if not self._poll_scheduled:
            self._poll_scheduled = True
            self._engine.clock.call_later(seconds, self._poll, name=self._function, inline=True)

    def _poll(self) -> None:
        if self._engine.interceptor.has_outage(self._region):
            self._poll_scheduled = False
            self._schedule_poll(_OUTAGE_POLL_SECONDS)
        else:
            self._engine.clock.call_later(0, self._process_batch, name=f"{self._function} (stream)")

    def _process_batch(self) -> None:
        batch = self._queue[:_BATCH_SIZE]
        self._deliver_batch(batch)
        del self._queue[: len(batch)]
        self._poll_scheduled = False
        if self._queue:
            self._schedule_poll(_POLL_SECONDS)

    def _deliver_batch(self, batch: list[StreamRecord]) -> None:
        functions, delay = self._engine.functions, _FIRST_RETRY_DELAY
        for _ in range(_RETRIES + 1):
            function = functions.find(self._function, self._region)
            if not functions.invoke(function, json.dumps({"Records": batch})).has_failed:
                return
            if len(batch) > 1:
                half = len(batch) // 2
                self._deliver_batch(batch[:half])
                self._deliver_batch(batch[half:])
                return
            self._engine.clock.sleep(delay)
            delay = min(2 * delay, _MAX_RETRY_DELAY)
        self.discarded_records += batch


def attach_event_source_mappings(
    engine: Engine, tables: GlobalTables, patterns: Mapping[str, str], regions: tuple[str, str]
) -> tuple[EventSourceMapping, ...]:
    """Attach each function to the stream of the table's replica in both Regions, and return the mappings.

    `patterns` are the functions' event patterns as JSON, by function name.
    """
    mappings = []
    for region in regions:
        for name, pattern in patterns.items():
            mapping = EventSourceMapping(engine, region, name, pattern)
            tables.on_stream_record(region, mapping.receive_record)
            mappings.append(mapping)
    return tuple(mappings)
