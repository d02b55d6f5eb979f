"""Where users are sent after a run, as far as its journal says."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from leeward.common.claims.all_claims import read_claims
from leeward.common.claims.types.traffic_claims import UsersMoved, WeightsSet
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.run.run_reference import RunbookStep
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.registry import has_effect, is_known

# Errors after which it is certain that no users were moved.
_ERRORS_WITHOUT_MOVE = frozenset({"SafetyRuleBlocked", "AccessDenied", "InvalidInput", "NotFound", "QuotaExceeded"})


class TrafficOutcome(StrEnum):
    """Where users are sent, as far as the journal says."""

    NOT_MOVED = "not moved"
    MOVED = "moved"
    MOVED_BACK = "moved back"
    UNKNOWN = "may have been moved"


def assess_traffic(steps: Sequence[RunbookStep], entries: Sequence[JournalEntry]) -> tuple[TrafficOutcome, str]:
    """Return where users are sent, and the reason for that conclusion."""
    kinds = {step.id: step.kind for step in steps}
    moves: list[JournalEntry] = []
    uncertain: JournalEntry | None = None
    for entry in entries:
        kind = kinds.get(entry.step or "")
        if kind is None or (is_known(kind) and not has_effect(kind, Effect.MOVES_USERS)):
            continue
        if entry.event is JournalEvent.STEP_DONE:
            # A kind that isn't installed here may have moved users, unless its claims say so themselves.
            uncertain = None if is_known(kind) or _read_moves(entry) else entry
            if uncertain is None and not is_hold(entry):
                moves.append(entry)
        elif entry.event is JournalEvent.STEP_STARTED:
            uncertain = entry
        elif entry.event is JournalEvent.STEP_FAILED:
            uncertain = None if entry.facts.get("error") in _ERRORS_WITHOUT_MOVE else entry
    if uncertain is not None:
        return TrafficOutcome.UNKNOWN, uncertain.detail
    if not moves:
        return TrafficOutcome.NOT_MOVED, "no step that moves users was done"
    is_back = _is_back(moves[0], moves[-1])
    return TrafficOutcome.MOVED_BACK if is_back else TrafficOutcome.MOVED, moves[-1].detail


def is_hold(entry: JournalEntry) -> bool:
    """Return whether the step kept users where they are."""
    return any(isinstance(claim, WeightsSet) and claim.is_hold for claim in _read_moves(entry))


def _is_back(first: JournalEntry, last: JournalEntry) -> bool:
    """Return whether the last move took back the first: it undid a step, or it set the same thing to another value."""
    if last.facts.get("undone"):
        return True
    pairs = ((a, b) for a in _read_moves(first) for b in _read_moves(last))
    return any(type(a) is type(b) and a.setting == b.setting and a.destination != b.destination for a, b in pairs)


def _read_moves(entry: JournalEntry) -> list[UsersMoved]:
    return [claim for claim in read_claims(entry.facts) if isinstance(claim, UsersMoved)]
