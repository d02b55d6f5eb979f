"""Records which faults took effect. A fault counts only if it changed something: a call, the world, or the history."""

from __future__ import annotations

from collections.abc import Collection

from leeward.rehearsal.sweep.faults.planned_faults import PlannedFault
from leeward.twin.interception import ServiceOutage

NOT_REACHED = "the run does not reach it"
UNCHANGED_RESPONSE = "the response has nothing of this kind to change"
NO_CALL_MET = "no call met the outage"
ALREADY_ENDED = "the run had already ended"
NOT_ASKED = "the operator was asked nothing that the fault answers differently"


def already_unavailable(region: str) -> str:
    """Return why an outage of a Region had no effect."""
    return f"{region} was already unavailable"


class FaultEffects:
    """The effects of a trial's faults, by the ID of the fault."""

    def __init__(self) -> None:
        self._effective: set[str] = set()
        self._reasons: dict[str, str] = {}
        self._outages: list[tuple[str, ServiceOutage]] = []

    def record(self, fault: PlannedFault) -> None:
        """Record that a fault has changed something."""
        self._effective.add(fault.id)

    def record_none(self, fault: PlannedFault, reason: str) -> None:
        """Record that a fault was injected but has changed nothing so far."""
        self._reasons[fault.id] = reason

    def add_outage(self, fault: PlannedFault, outage: ServiceOutage) -> None:
        """Record the outage that a fault has started. It has an effect if a call meets it."""
        self._outages.append((fault.id, outage))

    def describe_missing(self, faults: Collection[PlannedFault]) -> str:
        """Return why faults had no effect, or an empty string if each had one."""
        missing = {fault.id: reason for fault in faults if (reason := self._reason(fault))}
        if len(faults) == 1:
            return "".join(missing.values())
        return "; ".join(f"{fault_id}: {reason}" for fault_id, reason in missing.items())

    def _reason(self, fault: PlannedFault) -> str:
        outages = [outage for fault_id, outage in self._outages if fault_id == fault.id]
        if fault.id in self._effective or any(outage.met for outage in outages):
            return ""
        return NO_CALL_MET if outages else self._reasons.get(fault.id, NOT_REACHED)
