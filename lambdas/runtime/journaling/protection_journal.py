"""What the journal is told of the copies of the machines that serve: lost, deferred, on the way, proven.

Read in order, the entries say since when each machine has had no protected copy. `facts.machines`: EC2 id to the id of
the source server that is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from leeward.lambdas.runtime.invocation.events import StepAttempt

ServerByInstance = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProtectionJournal:
    """The copies of the machines of one step, as the journal tells of them; `region` is the one that is acted in."""

    journal: Journal
    step: StepAttempt
    region: str

    def record_lost(self, launched: Mapping[str, object]) -> None:
        """They were launched; until replication is reversed nothing has a copy of them. Takes the look's facts."""
        machines = {machine: server for server, machine in read_mapping_fact(launched, "instances").items()}
        since = None if launched.get("since") is None else str(launched["since"])
        told = f"no copy of {_list_instances(machines)} in {self.region} since {since or 'their launch'}"
        self._write(JournalEvent.PROTECTION_LOST, told, machines, since)

    def record_deferred(self, machines: ServerByInstance, since: str | None, reason: str) -> None:
        """The Region that is to hold the copies can't be reached."""
        self._write(JournalEvent.PROTECTION_DEFERRED, reason, machines, since)

    def record_reversed(self, machines: ServerByInstance) -> None:
        """Replication was reversed: the copies are being made."""
        told = f"replication of {_list_instances(machines)} in {self.region} is reversed"
        self._write(JournalEvent.PROTECTION_REVERSED, told, machines)

    def record_proven(self, machines: ServerByInstance) -> None:
        """The source servers of the Region are in step with these machines."""
        self._write(
            JournalEvent.PROTECTION_PROVEN, f"{self.region} holds a copy of {_list_instances(machines)}", machines
        )

    def _write(self, event: JournalEvent, detail: str, machines: ServerByInstance, since: str | None = None) -> None:
        facts: dict[str, object] = {"region": self.region, "machines": dict(machines)}
        if since is not None:
            facts["since"] = since
        self.journal.write(JournalEntry(datetime.now(UTC), event, detail, self.step.id, self.step.attempt, facts))


def launched_instances(journal: Journal, region: str) -> frozenset[str]:
    """The EC2 ids of what the run has launched for good in `region`, as its journal tells. Drills are not told of."""
    return frozenset(
        machine
        for entry in journal.entries()
        if entry.event is JournalEvent.PROTECTION_LOST and entry.facts.get("region") == region
        for machine in read_mapping_fact(entry.facts)
    )


def read_mapping_fact(facts: Mapping[str, object], key: str = "machines") -> dict[str, str]:
    """A look's fact of machines and servers. Raises TypeError for a look without it: a defect."""
    found = facts.get(key)
    if not isinstance(found, Mapping):
        raise TypeError(f"the look has no {key}: {sorted(facts)}")
    return {str(machine): str(server) for machine, server in found.items()}


def _list_instances(machines: ServerByInstance) -> str:
    return ", ".join(sorted(machines))
