"""Journal entries about the protection of instances that serve users: lost, deferred, reversed, or proven.

In order, the entries show since when each instance has been unprotected. `facts.machines` maps an EC2 instance ID to
its source server ID.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from leeward.common.claims.types.server_claims import Launched
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from leeward.lambdas.runtime.invocation.task_events import StepAttempt

ServerByInstance = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProtectionJournal:
    """The protection entries of one step. `region` is the Region that the step acts in."""

    journal: Journal
    step: StepAttempt
    region: str

    def record_lost(self, launched: Launched) -> None:
        """Record once that launched instances of a group are unprotected until replication is reversed."""
        machines = {machine: server for server, machine in launched.instances.items()}
        detail = f"no copy of {_list_instances(machines)} in {self.region} since {launched.since or 'their launch'}"
        entry = self._entry(JournalEvent.PROTECTION_LOST, detail, machines, launched.since)
        self.journal.write_once(entry, f"{self.step.id}#{self.step.attempt}#lost-{launched.group}")

    def record_deferred(self, machines: ServerByInstance, since: str | None, reason: str) -> None:
        """Record that the Region for the copies can't be reached."""
        self._write(JournalEvent.PROTECTION_DEFERRED, reason, machines, since)

    def record_reversed(self, machines: ServerByInstance) -> None:
        """Record that replication was reversed and the copies are being created."""
        detail = f"replication of {_list_instances(machines)} in {self.region} is reversed"
        self._write(JournalEvent.PROTECTION_REVERSED, detail, machines)

    def record_proven(self, machines: ServerByInstance) -> None:
        """Record that the Region's source servers hold current copies of these instances."""
        self._write(
            JournalEvent.PROTECTION_PROVEN, f"{self.region} holds a copy of {_list_instances(machines)}", machines
        )

    def _write(self, event: JournalEvent, detail: str, machines: ServerByInstance, since: str | None = None) -> None:
        self.journal.write(self._entry(event, detail, machines, since))

    def _entry(
        self, event: JournalEvent, detail: str, machines: ServerByInstance, since: str | None = None
    ) -> JournalEntry:
        facts: dict[str, object] = {"region": self.region, "machines": dict(machines)}
        if since is not None:
            facts["since"] = since
        return JournalEntry(datetime.now(UTC), event, detail, self.step.id, self.step.attempt, facts)


def launched_instances(journal: Journal, region: str) -> frozenset[str]:
    """Return the EC2 IDs that the run launched in `region`, from its journal. Drill instances are not included."""
    return frozenset(
        machine
        for entry in journal.entries()
        if entry.event is JournalEvent.PROTECTION_LOST and entry.facts.get("region") == region
        for machine in _read_machines(entry.facts)
    )


def _read_machines(facts: Mapping[str, object]) -> dict[str, str]:
    machines = facts.get("machines")
    if not isinstance(machines, Mapping):
        raise TypeError(f"a protection entry has no machines, only {sorted(facts)}")
    return {str(machine): str(server) for machine, server in machines.items()}


def _list_instances(machines: ServerByInstance) -> str:
    return ", ".join(sorted(machines))
