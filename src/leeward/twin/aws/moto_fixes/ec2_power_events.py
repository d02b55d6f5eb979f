"""EC2 instances that are started, stopped or terminated: moto tells nobody; here whoever watches is told."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from moto.ec2.models.instances import Instance

_INSTALLED = "twin_power_events_installed"


class PowerChange(StrEnum):
    """What became of an instance."""

    STARTED = "started"
    STOPPED = "stopped"
    TERMINATED = "terminated"


# Account, Region, instance id, and what happened.
PowerListener = Callable[[str, str, str, PowerChange], None]
_LISTENERS: list[PowerListener] = []


def add_listener(listener: PowerListener) -> None:
    """`watcher` is called after each change, for the life of the process: it must be a function that keeps no state.

    Calling it again with the same function changes nothing.
    """
    _install()
    if listener not in _LISTENERS:
        _LISTENERS.append(listener)


def _install() -> None:
    if hasattr(Instance, _INSTALLED):
        return
    for power, name in (
        (PowerChange.STARTED, "start"),
        (PowerChange.STOPPED, "stop"),
        (PowerChange.TERMINATED, "terminate"),
    ):
        setattr(Instance, name, _notify_after(getattr(Instance, name), power))
    setattr(Instance, _INSTALLED, True)


def _notify_after(original: Callable[..., Any], power: PowerChange) -> Callable[..., Any]:
    def change(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = self.state
        answer = original(self, *args, **kwargs)
        if self.state != before:
            backend = self.ec2_backend
            for watcher in _LISTENERS:
                watcher(backend.account_id, backend.region_name, self.id, power)
        return answer

    return change
