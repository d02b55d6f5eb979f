"""EC2 status checks. moto reports "ok" immediately, but a real instance is "initializing" for about two minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models.instances import Instance

INITIALIZING_TIME = timedelta(minutes=2)
_INSTALLED = "twin_fix_installed"
_INITIALIZING_STATUS = {"Status": "initializing", "Details": [{"Name": "reachability", "Status": "initializing"}]}


def install() -> None:
    """Patch moto so that a new instance is `initializing`, and a started instance gets a new launch time, as on EC2."""
    if hasattr(Instance, _INSTALLED):
        return
    instance_status, system_status = Instance.instance_status.fget, Instance.system_status.fget
    start = Instance.start

    def delayed(original: Any) -> property:
        def status(self: Any) -> dict[str, Any]:
            is_new = self.state == "running" and utcnow() - self.launch_time < INITIALIZING_TIME
            return dict(_INITIALIZING_STATUS) if is_new else dict(original(self))

        return property(status)

    def start_with_new_launch_time(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.state != "running":
            self.launch_time = utcnow()
        return start(self, *args, **kwargs)

    Instance.instance_status, Instance.system_status = delayed(instance_status), delayed(system_status)
    Instance.start = start_with_new_launch_time
    setattr(Instance, _INSTALLED, True)
