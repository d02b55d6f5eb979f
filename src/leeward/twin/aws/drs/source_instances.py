"""Connects power changes of origin EC2 instances to the replication agents of their source servers."""

from __future__ import annotations

from leeward.twin.aws.drs.drs_backend import DRS
from leeward.twin.aws.drs.source_servers.agent_connectivity import lose_agent_contact, regain_agent_contact
from leeward.twin.aws.drs.state.drs_records import Ec2InstanceRef
from leeward.twin.aws.moto_fixes.ec2_power_events import PowerChange, add_listener


def track_source_instances() -> None:
    """Install the listener once per process. It ignores instances that no source server replicates."""
    add_listener(_on_power_change)


def _on_power_change(account_id: str, region: str, instance_id: str, change: PowerChange) -> None:
    origin, reason = Ec2InstanceRef(region, instance_id), f"instance {instance_id}"
    for backend in DRS.used_backends(account_id):
        for server in backend.servers.values():
            if server.origin != origin:
                continue
            if change is not PowerChange.STARTED:
                if reason not in server.replication.contact_losses:
                    lose_agent_contact(backend, server, reason)
            elif server.replicated_disks[-1].disk is backend.shared.disk_of(origin):
                # A launch into the instance replaces its disks. The agent on the earlier disks then doesn't return.
                regain_agent_contact(backend, server, reason)
