"""EC2 instances that are started, stopped or terminated: moto tells nobody; here whoever watches is told."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from moto.ec2.models.instances import Instance

_MENDED = "leeward_power_mended"


class Power(StrEnum):
    """What became of an instance."""

    STARTED = "started"
    STOPPED = "stopped"
    TERMINATED = "terminated"


# Account, Region, instance id, and what happened.
Watcher = Callable[[str, str, str, Power], None]
_WATCHERS: list[Watcher] = []


def watch(watcher: Watcher) -> None:
    """`watcher` is called after each change, for the life of the process: it must be a function that keeps no state.

    Calling it again with the same function changes nothing.
    """
    _mend()
    if watcher not in _WATCHERS:
        _WATCHERS.append(watcher)


def _mend() -> None:
    if hasattr(Instance, _MENDED):
        return
    for power, name in ((Power.STARTED, "start"), (Power.STOPPED, "stop"), (Power.TERMINATED, "terminate")):
        setattr(Instance, name, _telling(getattr(Instance, name), power))
    setattr(Instance, _MENDED, True)


def _telling(original: Callable[..., Any], power: Power) -> Callable[..., Any]:
    def change(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = self.state
        answer = original(self, *args, **kwargs)
        if self.state != before:
            backend = self.ec2_backend
            for watcher in _WATCHERS:
                watcher(backend.account_id, backend.region_name, self.id, power)
        return answer

    return change
