"""EC2 status checks of new instances. moto reports "ok" immediately, and knows no check of the attached EBS volumes.

A real instance is "initializing" for about two minutes after each start (EC2 User Guide, "Status checks for your
instances"). The guide names no exact time, so the bounds below are assumed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models.instances import Instance

from leeward.twin.patching.attribute_replacement import add_attribute, replace_attribute
from leeward.twin.realism.realism_settings import SeededDraws

# Assumed, around "about two minutes".
MIN_SECONDS, MAX_SECONDS = 90.0, 150.0
_CHECKED_LAUNCH, _CHECKS_PASS_AT = "twin_checked_launch", "twin_checks_pass_at"
_INITIALIZING = {"Status": "initializing", "Details": [{"Name": "reachability", "Status": "initializing"}]}
# None: the checks of every running instance have passed.
_draws: SeededDraws | None = None


def set_draws(draws: SeededDraws | None) -> None:
    """Set the random numbers for the duration of the checks. With None, a running instance is "ok" at once."""
    global _draws  # noqa: PLW0603 - moto's instances have no reference to a simulation
    _draws = draws


def delay_status_checks() -> None:
    """Report a new instance as initializing, and the check of its volumes. Unpatched moto reports "ok" at once."""

    def delayed(original: Callable[[Any], dict[str, Any]]) -> property:
        def status(self: Any) -> dict[str, Any]:
            return dict(_INITIALIZING) if _is_initializing(self) else dict(original(self))

        return property(status)

    instance_status, system_status = Instance.instance_status.fget, Instance.system_status.fget
    replace_attribute(Instance, "instance_status", delayed(instance_status))
    replace_attribute(Instance, "system_status", delayed(system_status))
    # The status of the volumes has the form of the others (botocore's model, EbsStatusSummary).
    add_attribute(Instance, "attached_ebs_status", delayed(instance_status))


def renew_launch_time() -> None:
    """Give a started instance a new launch time, as EC2 does. Unpatched moto keeps the time of the first launch."""

    def start_with_new_launch_time(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.state != "running":
            self.launch_time = utcnow()
        return start(self, *args, **kwargs)

    start = replace_attribute(Instance, "start", start_with_new_launch_time)


def checks_pass_at(instance: Any) -> datetime:
    """Return when the checks of moto's running instance pass, in UTC. Without draws, they pass at its launch."""
    moment = instance.launch_time if _draws is None else _checks_pass_at(instance, _draws)
    return moment.replace(tzinfo=UTC)


def _is_initializing(instance: Any) -> bool:
    return _draws is not None and instance.state == "running" and utcnow() < _checks_pass_at(instance, _draws)


def _checks_pass_at(instance: Any, draws: SeededDraws) -> datetime:
    """Return when the checks pass, without a time zone, as moto keeps times. It is drawn once for each launch."""
    state = vars(instance)
    if state.get(_CHECKED_LAUNCH) != instance.launch_time:
        seconds = draws.uniform(instance.id, MIN_SECONDS, MAX_SECONDS)
        state[_CHECKED_LAUNCH] = instance.launch_time
        state[_CHECKS_PASS_AT] = instance.launch_time + timedelta(seconds=seconds)
    moment: datetime = state[_CHECKS_PASS_AT]
    return moment
