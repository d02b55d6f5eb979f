"""Origin instances that are stopped, terminated or started again in EC2, by whomever: their agents go and come back."""

from __future__ import annotations

from leeward.twin.aws.drs.backend import DRS
from leeward.twin.aws.drs.contact import lose_agent, regain
from leeward.twin.aws.drs.model import Origin
from leeward.twin.aws.instance_power import Power, watch


def follow() -> None:
    """Installed once per process; inert for instances that no source server replicates."""
    watch(_changed)


def _changed(account_id: str, region: str, instance_id: str, power: Power) -> None:
    origin, reason = Origin(region, instance_id), f"instance {instance_id}"
    for here in DRS.in_use(account_id):
        for server in here.servers.values():
            if server.origin != origin:
                continue
            if power is not Power.STARTED:
                if reason not in server.replication.losses:
                    lose_agent(here, server, reason)
            elif server.sources[-1].disk is here.shared.disk(origin):
                # With other disks, after a launch into the instance, the agent of the earlier body does not return.
                regain(here, server, reason)
