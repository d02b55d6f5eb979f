"""The EC2 instances of the simulated Regions, as the software on them sees itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from moto.ec2.models import ec2_backends

# Which component a simulated instance belongs to; the twin's own tag, copied to recovered instances with the others.
GROUP_TAG = "leeward:twin-group"


@dataclass(frozen=True, slots=True)
class SimulatedInstance:
    """One instance. `running_since` is None while it does not run."""

    id: str
    name: str
    group: str | None
    running_since: datetime | None


class SimulatedInstances:
    """Reads moto's EC2. An instance runs from its launch time; those of `veterans` have run since long before."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._backdated_starts: dict[str, datetime] = {}

    def in_region(self, region: str) -> Iterator[SimulatedInstance]:
        """Every instance of `region`, terminated ones left out."""
        backend = ec2_backends[self._account][region]
        for reservation in backend.reservations.values():
            for instance in reservation.instances:
                if instance.state == "terminated":
                    continue
                running = instance.state == "running"
                launched = instance.launch_time.replace(tzinfo=UTC)  # moto keeps it without a zone
                since = self._backdated_starts.get(instance.id, launched) if running else None
                tags = backend.tags.get(instance.id, {})  # what DescribeTags answers, without its filters
                yield SimulatedInstance(instance.id, tags.get("Name", instance.id), tags.get(GROUP_TAG), since)

    def backdate_start(self, instance_ids: Iterable[str], since: datetime) -> None:
        """These instances have run since `since`: they were there before the world began."""
        self._backdated_starts.update(dict.fromkeys(instance_ids, since))
