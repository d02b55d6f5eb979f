"""Notifications when an EC2 instance is started, stopped, or terminated, which moto doesn't provide."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from moto.ec2.models.instances import Instance

from leeward.twin.patching.attribute_replacement import replace_attribute


class PowerChange(StrEnum):
    """A change of an instance's power state."""

    STARTED = "started"
    STOPPED = "stopped"
    TERMINATED = "terminated"


# Arguments: account, Region, instance ID, and the change.
PowerListener = Callable[[str, str, str, PowerChange], None]
_LISTENERS: list[PowerListener] = []


def add_listener(listener: PowerListener) -> None:
    """Call `listener` after each power change, until the process ends.

    `listener` must not keep state between simulations. Adding the same function again has no effect.
    """
    if listener not in _LISTENERS:
        _LISTENERS.append(listener)


def report_power_changes() -> None:
    """Report each power change to the listeners. moto has no notification of it."""
    for power, name in (
        (PowerChange.STARTED, "start"),
        (PowerChange.STOPPED, "stop"),
        (PowerChange.TERMINATED, "terminate"),
    ):
        replace_attribute(Instance, name, _notify_after(getattr(Instance, name), power))


def _notify_after(original: Callable[..., Any], power: PowerChange) -> Callable[..., Any]:
    def change(self: Any, *args: Any, **kwargs: Any) -> Any:
        previous_state = self.state
        result = original(self, *args, **kwargs)
        if self.state != previous_state:
            backend = self.ec2_backend
            for listener in _LISTENERS:
                listener(backend.account_id, backend.region_name, self.id, power)
        return result

    return change
