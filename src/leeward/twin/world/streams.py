"""A function on a table's stream in each Region, as Lambda's event source mapping feeds it.

Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB": a shard is polled four times a second; records that
fit the filter come in batches, those of an item in the order of its writes, a replicated write once the replica has it.
A batch that fails is tried again, in halves, before anything after it, and is given up to the mapping's destination in
the end. A stream keeps its records for a day: what a dark Region has not looked at, it looks at when it returns.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.events.models import EventPattern

from leeward.twin.aws.global_tables import GlobalTables
from leeward.twin.engine import Engine
from leeward.twin.world.workload import Workload

_POLL_SECONDS, _DARK_SECONDS = 0.25, 5
_BATCH = 100
# As the mapping's template says: BisectBatchOnFunctionError, MaximumRetryAttempts.
_RETRIES, _FIRST_PAUSE, _LONGEST_PAUSE = 10, 1, 60
Record = Mapping[str, Any]


class Follower:
    """One mapping: one function of one Region on the stream of that Region's replica."""

    def __init__(self, engine: Engine, region: str, function: str, pattern: str) -> None:
        self._engine, self._region, self._function = engine, region, function
        self._pattern = EventPattern.load(pattern)
        self._queue: list[Record] = []
        self._arranged = False
        self.undelivered: list[Record] = []
        """What was given up to the mapping's destination."""

    def told(self, record: Record) -> None:
        """A record of the stream."""
        if self._pattern.matches_event(record):
            self._queue.append(record)
            self._arrange(_POLL_SECONDS)

    def _arrange(self, seconds: float) -> None:
        if not self._arranged:
            self._arranged = True
            self._engine.clock.later(seconds, self._look, name=self._function, inline=True)

    def _look(self) -> None:
        if self._engine.wire.is_dark(self._region):
            self._arranged = False
            self._arrange(_DARK_SECONDS)
        else:
            self._engine.clock.later(0, self._work, name=f"{self._function} (stream)")

    def _work(self) -> None:
        batch = self._queue[:_BATCH]
        self._deliver(batch)
        del self._queue[: len(batch)]
        self._arranged = False
        if self._queue:
            self._arrange(_POLL_SECONDS)

    def _deliver(self, batch: list[Record]) -> None:
        functions, pause = self._engine.functions, _FIRST_PAUSE
        for _ in range(_RETRIES + 1):
            function = functions.find(self._function, self._region)
            if not functions.invoke(function, json.dumps({"Records": batch})).failed:
                return
            if len(batch) > 1:
                half = len(batch) // 2
                self._deliver(batch[:half])
                self._deliver(batch[half:])
                return
            self._engine.clock.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        self.undelivered += batch


def follow(engine: Engine, tables: GlobalTables, workload: Workload, regions: tuple[str, str]) -> tuple[Follower, ...]:
    """Every function of the workload that is on a stream, in both Regions."""
    made = []
    for region in regions:
        for name, pattern in workload.streams.items():
            follower = Follower(engine, region, name, pattern)
            tables.on_record(region, follower.told)
            made.append(follower)
    return tuple(made)
