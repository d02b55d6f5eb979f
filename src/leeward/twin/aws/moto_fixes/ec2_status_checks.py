"""EC2 status checks: moto says "ok" from the first second; a real instance is "initializing" for about two minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models.instances import Instance

INITIALIZING_TIME = timedelta(minutes=2)
_INSTALLED = "twin_fix_installed"
_INITIALIZING_STATUS = {"Status": "initializing", "Details": [{"Name": "reachability", "Status": "initializing"}]}


def install() -> None:
    """DescribeInstanceStatus shows `initializing` first; a started instance gets a new launch time, as on EC2."""
    if hasattr(Instance, _INSTALLED):
        return
    instance_status, system_status = Instance.instance_status.fget, Instance.system_status.fget
    start = Instance.start

    def truthful(original: Any) -> property:
        def status(self: Any) -> dict[str, Any]:
            fresh = self.state == "running" and utcnow() - self.launch_time < INITIALIZING_TIME
            return dict(_INITIALIZING_STATUS) if fresh else dict(original(self))

        return property(status)

    def started(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.state != "running":
            self.launch_time = utcnow()
        return start(self, *args, **kwargs)

    Instance.instance_status, Instance.system_status = truthful(instance_status), truthful(system_status)
    Instance.start = started
    setattr(Instance, _INSTALLED, True)
