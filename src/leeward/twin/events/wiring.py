"""Everything of this package together, for one account: from a figure to the run that it starts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

from leeward.twin.aws.drs import Drs, DrsEvent
from leeward.twin.engine import Engine
from leeward.twin.events.bus import RULE, Bus
from leeward.twin.events.cloudwatch import COMPOSITE, METRIC, CloudWatch
from leeward.twin.events.delivery import Delivery, FunctionRetries
from leeward.twin.events.feeds import QUEUE, Feeds
from leeward.twin.events.scheduler import SCHEDULE, Scheduler
from leeward.twin.events.shapes import Sender, drs_event, own_event
from leeward.twin.templates.assembly import Assembly
from leeward.twin.wire.calls import Target

_INVOKE_CONFIG, _FUNCTION = "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Function"


class Events:
    """Alarms, rules and schedules of an assembly, live in an open engine."""

    def __init__(self, engine: Engine, assembly: Assembly) -> None:
        self._account = engine.account
        self.delivery = Delivery(engine, _retries(assembly))
        self.bus = Bus(engine.account, engine.clock, assembly.resources(RULE), self.delivery)
        self.delivery.forward = self.bus.put
        self.cloudwatch = CloudWatch(engine, assembly.resources(METRIC, COMPOSITE), self.bus.put)
        self.cloudwatch.feeds.append(Feeds(engine, assembly.resources(QUEUE)).feed)
        random = Random(f"{engine.seed}|scheduler")  # noqa: S311 - a simulation's chance, not a secret
        self.scheduler = Scheduler(engine.clock, assembly.resources(SCHEDULE), self.delivery, random)
        self._drs_events = 0
        self._engine, self._put = engine, 0
        engine.wire.listeners.append(self._from_functions)

    def listen_to(self, drs: Drs) -> None:
        """What DRS tells EventBridge is put on the bus of its Region."""
        drs.on_event(self._from_drs)

    def _from_functions(self, target: Target, given: Mapping[str, Any]) -> None:
        """A function's call was answered: what it put on the bus finds its rules."""
        if target.name != "events:PutEvents":
            return
        for entry in given["Entries"]:
            self._put += 1
            sender = Sender(f"0e000000-0000-4000-8000-{self._put:012x}", self._account, target.region)
            self.bus.put(target.region, own_event(sender, entry, self._engine.clock.now()))

    def _from_drs(self, told: DrsEvent) -> None:
        self._drs_events += 1
        self.bus.put(told.region, drs_event(f"d2500000-0000-4000-8000-{self._drs_events:012x}", self._account, told))


def _retries(assembly: Assembly) -> Mapping[tuple[str, str], FunctionRetries]:
    """How Lambda treats each function's asynchronous events."""
    found: dict[tuple[str, str], FunctionRetries] = {}
    for function in assembly.resources(_FUNCTION):
        queue = function.properties.get("DeadLetterConfig", {}).get("TargetArn")
        if queue is not None:
            found[function.region, function.name] = FunctionRetries(queue=str(queue))
    for config in assembly.resources(_INVOKE_CONFIG):
        key = config.region, str(config.properties["FunctionName"]).split(":")[-1]
        queue = config.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        found[key] = _config(config.properties, queue or (found[key].queue if key in found else None))
    return found


def _config(given: Mapping[str, Any], queue: str | None) -> FunctionRetries:
    age = timedelta(seconds=int(given.get("MaximumEventAgeInSeconds", 6 * 3600)))
    return FunctionRetries(int(given.get("MaximumRetryAttempts", 2)), age, queue)
