"""Origin instances that are stopped, terminated or started again in EC2, by whomever: their agents go and come back."""

from __future__ import annotations

from leeward.twin.aws.drs.drs_backend import DRS
from leeward.twin.aws.drs.source_servers.agent_connectivity import lose_agent_contact, regain_agent_contact
from leeward.twin.aws.drs.state.drs_records import Ec2InstanceRef
from leeward.twin.aws.moto_fixes.ec2_power_events import PowerChange, add_listener


def track_source_instances() -> None:
    """Installed once per process; inert for instances that no source server replicates."""
    add_listener(_on_power_change)


def _on_power_change(account_id: str, region: str, instance_id: str, change: PowerChange) -> None:
    origin, reason = Ec2InstanceRef(region, instance_id), f"instance {instance_id}"
    for here in DRS.used_backends(account_id):
        for server in here.servers.values():
            if server.origin != origin:
                continue
            if change is not PowerChange.STARTED:
                if reason not in server.replication.contact_losses:
                    lose_agent_contact(here, server, reason)
            elif server.replicated_disks[-1].disk is here.shared.disk_of(origin):
                # With other disks, after a launch into the instance, the agent of the earlier body does not return.
                regain_agent_contact(here, server, reason)
