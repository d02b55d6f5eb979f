"""What a claim is compared with: the observation of its step, and the AWS calls and launches of the run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from leeward.rehearsal.observations.step_observations import StepObservation
from leeward.twin.interception import AwsCall

# The answers of AWS after which a task may not know whether the call was carried out.
_CARRIED_OUT = frozenset({"ok", "answer-lost", "killed-after"})


@dataclass(frozen=True, slots=True)
class ClaimEvidence:
    """What is known about one claim.

    - `calls`: all AWS calls of the run's tasks. `launched`: the instances that the run launched, by Region.
    - `server_groups`: the names of each group's servers. `endpoints`: the Regions by host of the site's endpoints.
    - `loss_ends_at`: up to when data can be lost: the incident, or None for a run that responds to none.
    """

    run: str
    observation: StepObservation
    calls: Sequence[AwsCall] = ()
    launched: Mapping[str, frozenset[str]] | None = None
    server_groups: Mapping[str, frozenset[str]] | None = None
    endpoints: Mapping[str, str] | None = None
    loss_ends_at: datetime | None = None

    def has_called(self, *operations: str) -> bool:
        """Return whether a task made one of these calls while the step ran."""
        return any(call.operation in operations and call.outcome in _CARRIED_OUT for call in self._calls_of_step())

    def has_failed_operation(self, operation: str) -> bool:
        """Return whether a call of this operation failed while the step ran."""
        return any(call.operation == operation and call.outcome != "ok" for call in self._calls_of_step())

    def has_failed_call(self, region: str) -> bool:
        """Return whether a call to the Region failed while the step ran."""
        return any(call.region == region and call.outcome != "ok" for call in self._calls_of_step())

    def is_running(self, region: str, instance: str) -> bool:
        """Return whether the instance runs in the Region."""
        found = self.observation.instances.get(region, {}).get(instance)
        return found is not None and found.is_running

    def region_of(self, host: str) -> str | None:
        """Return the Region of one of the site's own endpoints, or None for the public name."""
        return (self.endpoints or {}).get(host)

    def names_of(self, groups: Collection[str]) -> set[str]:
        """Return the names of the groups' servers."""
        return {name for group in groups for name in (self.server_groups or {}).get(group, ())}

    def _calls_of_step(self) -> list[AwsCall]:
        return [call for call in self.calls if self.observation.began_at <= call.at <= self.observation.at]
