"""The end state of a run, and the goal of a trial: the end state of the run without faults."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from leeward.control.locking.lock_records import LOCK_KEY
from leeward.rehearsal.end_state.comparison import ABSENT, StateDifference
from leeward.rehearsal.end_state.session_state import ComparableState, TwinState, read_twin_state
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.snapshots.world_snapshot import WorldSnapshot, snapshot_differences, take_world_snapshot

# The time until replication and other effects of a run settle. DRS takes a tenth of its usual time in a sweep.
_SETTLE_TIME = timedelta(minutes=4)
# The invariant `truth` checks where users are served.
_IGNORED_SNAPSHOT_FIELDS = ("users",)
_MAX_DIFFERENCES = 20


@dataclass(frozen=True, slots=True)
class EndState:
    """The state of the world after a run has settled.

    `snapshot` contains the main facts in words. `initial` and `final` are the complete states before and after the run.
    """

    snapshot: WorldSnapshot
    initial: TwinState
    final: TwinState


def read_end_state(session: RehearsalSession, initial: TwinState) -> EndState:
    """Return the world's state after it has settled."""
    session.wait_without_users(_SETTLE_TIME)
    snapshot = take_world_snapshot(session)
    fields = {name: value for name, value in snapshot.items() if name not in _IGNORED_SNAPSHOT_FIELDS}
    return EndState(fields, initial, read_twin_state(session))


@dataclass(frozen=True, slots=True)
class TrialGoal:
    """The state that a trial must reach. Create it once, before the trials are forked."""

    snapshot: WorldSnapshot
    state: ComparableState

    @classmethod
    def from_baseline(cls, baseline: EndState, initial: TwinState) -> Self:
        """Return the baseline's end state as a goal. `initial` is the state of the trial's session before the run."""
        known_ids = baseline.initial.generated_ids() & initial.generated_ids()
        return cls(baseline.snapshot, ComparableState(baseline.final, known_ids))

    def differences(self, reached: EndState, unavailable: Collection[str] = ()) -> list[str]:
        """Return what is different in the reached state, one line for each difference.

        In an `unavailable` Region, the run could not release the lock. The lock's item remains there and blocks no
        other run, because the journal says that this run has ended (ADR 0008).
        """
        own = ComparableState(reached.final, self.state.known_ids)
        found = [str(each) for each in self.state.differences(own) if not _is_lock_in(unavailable, each)]
        hidden = len(found) - _MAX_DIFFERENCES
        more = [f"and {hidden} more differences"] if hidden > 0 else []
        return [*snapshot_differences(self.snapshot, reached.snapshot), *found[:_MAX_DIFFERENCES], *more]


def _is_lock_in(regions: Collection[str], difference: StateDifference) -> bool:
    key = difference.key
    is_lock = key.service == "dynamodb" and key.kind == "rows" and key.id.endswith(f"/{LOCK_KEY}")
    return is_lock and key.region in regions and difference.was == ABSENT
