"""The EC2 instances of the simulated Regions, as their own software sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from moto.ec2.models import ec2_backends

# The component of a simulated instance. The twin's own tag, copied to recovered instances with the other tags.
GROUP_TAG = "leeward:twin-group"
# DRS puts this tag on the instances that it launches.
SOURCE_SERVER_TAG = "AWSElasticDisasterRecoverySourceServerID"


@dataclass(frozen=True, slots=True)
class SimulatedInstance:
    """One instance. `running_since` is None while it does not run. `is_protected` is its termination protection.

    `source_server` is the DRS source server in the instance's tag, or None.
    """

    id: str
    name: str
    group: str | None
    running_since: datetime | None
    is_protected: bool = False
    source_server: str | None = None


class SimulatedInstances:
    """Reads moto's EC2. A running instance has run since its launch time."""

    def __init__(self, account: str) -> None:
        self._account = account

    def in_region(self, region: str) -> Iterator[SimulatedInstance]:
        """Yield every instance of `region` that is not terminated."""
        backend = ec2_backends[self._account][region]
        for reservation in backend.reservations.values():
            for instance in reservation.instances:
                if instance.state == "terminated":
                    continue
                running = instance.state == "running"
                since = instance.launch_time.replace(tzinfo=UTC) if running else None  # moto keeps it without a zone
                tags = backend.tags.get(instance.id, {})  # as DescribeTags returns them, without its filters
                is_protected = str(instance.disable_api_termination).lower() == "true"  # moto keeps a bool or a text
                name, group, server = tags.get("Name", instance.id), tags.get(GROUP_TAG), tags.get(SOURCE_SERVER_TAG)
                yield SimulatedInstance(instance.id, name, group, since, is_protected, server)

    def backdate_launch(self, region: str, instance_ids: Iterable[str], launched_at: datetime) -> None:
        """Set the launch time of instances that ran before the world began. Their status checks have passed."""
        backend = ec2_backends[self._account][region]
        for instance_id in instance_ids:
            backend.get_instance(instance_id).launch_time = launched_at.astimezone(UTC).replace(tzinfo=None)
