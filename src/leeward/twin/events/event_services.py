"""Connects the event services of one account, from a metric's data point to the run that it starts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

from leeward.twin.aws.drs import DrsEvent, DrsSimulator
from leeward.twin.engine import Engine
from leeward.twin.events.cloudwatch_alarms import COMPOSITE_ALARM_TYPE, METRIC_ALARM_TYPE, CloudWatchAlarms
from leeward.twin.events.delays.trigger_delays import TriggerDelays
from leeward.twin.events.eventbridge.event_bus import RULE_TYPE, EventBus
from leeward.twin.events.eventbridge.event_documents import EventSource, custom_event, drs_event
from leeward.twin.events.eventbridge.eventbridge_scheduler import SCHEDULE_TYPE, EventBridgeScheduler
from leeward.twin.events.eventbridge.target_delivery import FunctionRetryConfig, TargetDelivery
from leeward.twin.events.execution_metrics import QUEUE_TYPE, ServiceMetrics
from leeward.twin.interception.calls.aws_calls import CallTarget
from leeward.twin.realism.realism_settings import RealismPart
from leeward.twin.templates.cloud_assembly import CloudAssembly

_INVOKE_CONFIG, _FUNCTION = "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Function"


class EventServices:
    """The alarms, rules, and schedules of an assembly in an open engine."""

    def __init__(self, engine: Engine, assembly: CloudAssembly) -> None:
        self._account = engine.account
        delays = TriggerDelays(engine.seed, active=engine.realism.has(RealismPart.TRIGGER_DELAY))
        self.delivery = TargetDelivery(engine, _function_retries(assembly), delays)
        self.bus = EventBus(engine.account, engine.clock, assembly.resources(RULE_TYPE), self.delivery, delays)
        self.delivery.forward_event = self.bus.put_event
        self.cloudwatch = CloudWatchAlarms(
            engine, assembly.resources(METRIC_ALARM_TYPE, COMPOSITE_ALARM_TYPE), self.bus.put_event, delays
        )
        self.cloudwatch.metric_sources.append(ServiceMetrics(engine, assembly.resources(QUEUE_TYPE)).publish)
        random = Random(f"{engine.seed}|scheduler")  # noqa: S311 - reproducible on purpose
        schedules = assembly.resources(SCHEDULE_TYPE)
        self.scheduler = EventBridgeScheduler(engine.clock, schedules, self.delivery, delays, random)
        self._drs_event_count = 0
        self._engine, self._put_count = engine, 0
        engine.interceptor.call_listeners.append(self._on_put_events)

    def forward_drs_events(self, drs: DrsSimulator) -> None:
        """Put the events of DRS on the bus of their Region."""
        drs.on_event(self._on_drs_event)

    def _on_put_events(self, target: CallTarget, parameters: Mapping[str, Any]) -> None:
        """Put the entries of a function's PutEvents call on the bus."""
        if target.name != "events:PutEvents":
            return
        for entry in parameters["Entries"]:
            self._put_count += 1
            sender = EventSource(f"0e000000-0000-4000-8000-{self._put_count:012x}", self._account, target.region)
            self.bus.put_event(target.region, custom_event(sender, entry, self._engine.clock.now()))

    def _on_drs_event(self, event: DrsEvent) -> None:
        self._drs_event_count += 1
        self.bus.put_event(
            event.region, drs_event(f"d2500000-0000-4000-8000-{self._drs_event_count:012x}", self._account, event)
        )


def _function_retries(assembly: CloudAssembly) -> Mapping[tuple[str, str], FunctionRetryConfig]:
    """Return how Lambda treats the asynchronous events of each function."""
    configs: dict[tuple[str, str], FunctionRetryConfig] = {}
    for function in assembly.resources(_FUNCTION):
        queue = function.properties.get("DeadLetterConfig", {}).get("TargetArn")
        if queue is not None:
            configs[function.region, function.name] = FunctionRetryConfig(dead_letter_queue=str(queue))
    for config in assembly.resources(_INVOKE_CONFIG):
        key = config.region, str(config.properties["FunctionName"]).split(":")[-1]
        queue = config.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        configs[key] = _read_retry_config(
            config.properties, queue or (configs[key].dead_letter_queue if key in configs else None)
        )
    return configs


def _read_retry_config(properties: Mapping[str, Any], queue: str | None) -> FunctionRetryConfig:
    age = timedelta(seconds=int(properties.get("MaximumEventAgeInSeconds", 6 * 3600)))
    return FunctionRetryConfig(int(properties.get("MaximumRetryAttempts", 2)), age, queue)
