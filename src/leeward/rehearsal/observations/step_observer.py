"""Observes the world whenever a task of a run's step succeeds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leeward.rehearsal.observations.step_observations import StepObservation, observe_world
from leeward.rehearsal.worlds.world_builder import World


@dataclass(frozen=True, slots=True)
class _ScheduledTask:
    """A task of a step that was scheduled.

    `asks` is whether it waits for an operator's answer. `hosts` are the endpoints to which it sends its requests, if it
    doesn't use the public name.
    """

    step: str
    attempt: int
    asks: bool
    hosts: frozenset[str]


class StepObserver:
    """Observes the world for each execution. Pass each history event to `observe`, then read `observations`."""

    def __init__(self, world: World, lock_holder: Callable[[], str | None]) -> None:
        """`lock_holder` returns the ID of the run that holds the application's lock."""
        self._world, self._lock_holder = world, lock_holder
        self._tasks: dict[tuple[str, int], _ScheduledTask] = {}
        self._began: dict[tuple[str, str, int], datetime] = {}
        self.observations: dict[str, list[StepObservation]] = {}

    def observe(self, execution: str, event: Mapping[str, Any]) -> None:
        """Process one history event, which has the field names of GetExecutionHistory."""
        key = (execution, int(event["id"]))
        previous = self._tasks.get((execution, int(event.get("previousEventId") or 0)))
        if previous is not None and str(event["type"]).startswith("Task"):
            self._tasks[key] = previous
        if event["type"] == "TaskScheduled":
            task = _read_task(event["taskScheduledEventDetails"])
            if task is not None:
                self._tasks[key] = task
                now = self._world.engine.clock.now()
                self._began.setdefault((execution, task.step, task.attempt), now)
        elif event["type"] == "TaskSucceeded" and previous is not None:
            response = json.loads(event["taskSucceededEventDetails"]["output"]).get("Payload") or {}
            if previous.asks or not isinstance(response, dict) or response.get("status") != "waiting":
                self._observe_end(execution, previous)

    def _observe_end(self, execution: str, task: _ScheduledTask) -> None:
        now = self._world.engine.clock.now()
        began_at = self._began[execution, task.step, task.attempt]
        observation = StepObservation(
            now, task.step, began_at, asked=task.asks, hosts=task.hosts, lock_holder=self._lock_holder()
        )
        self.observations.setdefault(execution, []).append(observe_world(self._world, observation))


def _read_task(details: Mapping[str, Any]) -> _ScheduledTask | None:
    """Return the step's task that is scheduled. None for a task of the run itself, and for one that undoes a step."""
    payload = json.loads(details["parameters"]).get("Payload") or {}
    step, parameters = payload.get("step") or {}, payload.get("parameters") or {}
    if not step.get("id") or step.get("undo") or "failure" in parameters or "failure" in payload:
        return None
    asks = str(details.get("resource", "")).endswith(".waitForTaskToken")
    requests = [parameters, *(parameters.get("checks") or ())]
    hosts = frozenset(str(each["connect_to"]).split(":")[0] for each in requests if each.get("connect_to"))
    return _ScheduledTask(str(step["id"]), int(step.get("attempt") or 1), asks, hosts)
