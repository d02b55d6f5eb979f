"""Whether an event starts a run: decided from facts, with the reason. `control.starts` remembers what was started.

An event comes at least once, and alarms flap. So a start is *claimed* first, under a name that is made of the event's
own time; then the execution is started under that name, which Step Functions starts once; then the claim is marked as
begun. After a crash anywhere the same event, or the next, goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PositiveInt

from leeward.base import durations
from leeward.control.locking.application_lock import LockHolder

# An alarm's news that is older says nothing about now: EventBridge and Lambda try again for hours.
MAX_TRIGGER_AGE = timedelta(minutes=15)
# A signal's figure is of a whole minute: the trouble began in the first of the minutes that count, or before.
_PERIOD = timedelta(minutes=1)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BlackoutWindow(_Model):
    """From, to (which no longer belongs to it), and why."""

    begins: AwareDatetime = Field(alias="from")
    ends: AwareDatetime = Field(alias="to")
    reason: str


class AlarmRules(_Model):
    """When an alarm starts a run, and how."""

    automatic: bool
    unhealthy_for_seconds: PositiveInt
    cool_down_seconds: PositiveInt
    max_runs_per_day: PositiveInt
    blackouts: tuple[BlackoutWindow, ...] = ()


class TriggerOccurrence(_Model):
    """What happened: the event's id, and its own time (of the alarm's change, of the schedule)."""

    id: str = Field(min_length=1)
    at: AwareDatetime


class TriggerVerdict(StrEnum):
    """What becomes of an event."""

    START = "start"
    ALREADY_STARTED = "already started"
    STALE = "stale"
    COOL_DOWN = "cool-down"
    DAILY_LIMIT = "day's limit"
    LOCK_HELD = "lock held"
    USERS_ELSEWHERE = "users are elsewhere"
    BLACKOUT = "blackout"


# Nothing was started although something is wrong: people want to know.
NOTIFIED_VERDICTS = frozenset({TriggerVerdict.STALE, TriggerVerdict.DAILY_LIMIT, TriggerVerdict.LOCK_HELD})


@dataclass(frozen=True, slots=True)
class TriggerDecision:
    """`claim` is what to start, where something is to be started."""

    verdict: TriggerVerdict
    reason: str
    claim: StartClaim | None = None


@dataclass(frozen=True, slots=True)
class StartClaim:
    """One start: the execution's name and input (JSON), when it was claimed, and whether it is known to have begun."""

    runbook: str
    name: str
    input: str
    at: datetime
    begun: bool = False


def execution_name(kind: str, occurred_at: datetime) -> str:
    """`alarm-20260301T091503.120Z`: the same for the same event, however often it comes."""
    moment = occurred_at.astimezone(UTC)
    return f"{kind}-{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z"


def find_blackout(blackouts: Sequence[BlackoutWindow], moment: datetime) -> BlackoutWindow | None:
    """The blackout that `at` lies in."""
    return next((blackout for blackout in blackouts if blackout.begins <= moment < blackout.ends), None)


def claim_for_alarm(
    runbook: str, alarm: str, occurrence: TriggerOccurrence, rules: AlarmRules, now: datetime
) -> StartClaim:
    """What an alarm would start: approved at its start where it is automatic and no blackout says otherwise."""
    dark = find_blackout(rules.blackouts, now)
    approve = rules.automatic and dark is None
    unhealthy_for = timedelta(seconds=rules.unhealthy_for_seconds)
    # Later rather than earlier: the expected loss of data is counted from it, and must not be told too small.
    began = occurrence.at - unhealthy_for + _PERIOD
    reason = f"alarm {alarm}: unhealthy for {durations.format_duration(unhealthy_for)}"
    if rules.automatic and dark is not None:
        reason = f"{reason}; it asks, since automatic runs are blacked out ({dark.reason})"
    given = {"reason": reason, "incident_at": began.astimezone(UTC).isoformat(), "approve": approve}
    return StartClaim(runbook, execution_name("alarm", occurrence.at), json.dumps(given, sort_keys=True), now)


def decide_from_ledger(
    new_claim: StartClaim, claims: Sequence[StartClaim], occurrence: TriggerOccurrence, rules: AlarmRules, now: datetime
) -> TriggerDecision | None:
    """What the application's earlier starts say; None where they have nothing against it."""
    same = next((claim for claim in claims if (claim.runbook, claim.name) == (new_claim.runbook, new_claim.name)), None)
    if same is not None and same.begun:
        return TriggerDecision(TriggerVerdict.ALREADY_STARTED, f"{same.name} was started at {_format_time(same.at)}")
    if same is not None:
        return _resume_claim(same)
    if now - occurrence.at > MAX_TRIGGER_AGE:
        return TriggerDecision(
            TriggerVerdict.STALE,
            f"the alarm is of {_format_time(occurrence.at)}, {durations.format_duration(now - occurrence.at)} ago",
        )
    recent = [claim for claim in claims if now - claim.at < timedelta(seconds=rules.cool_down_seconds)]
    if recent:
        return _decide_after_recent(recent[-1], new_claim, rules)
    if len(claims) >= rules.max_runs_per_day:
        return TriggerDecision(
            TriggerVerdict.DAILY_LIMIT, f"{len(claims)} runs in 24 hours, and at most {rules.max_runs_per_day} may be"
        )
    return None


def _decide_after_recent(latest: StartClaim, claim: StartClaim, rules: AlarmRules) -> TriggerDecision:
    if not latest.begun and latest.runbook == claim.runbook:
        return _resume_claim(latest)
    cool = durations.format_duration(rules.cool_down_seconds)
    return TriggerDecision(
        TriggerVerdict.COOL_DOWN, f"{latest.name} was started at {_format_time(latest.at)}; the cool-down is {cool}"
    )


def _resume_claim(claim: StartClaim) -> TriggerDecision:
    return TriggerDecision(
        TriggerVerdict.START, f"{claim.name} was claimed at {_format_time(claim.at)}, but not started", claim
    )


def decide_from_state(
    claim: StartClaim, lock_holder: LockHolder | None, users_at_origin: bool | None, origin: str
) -> TriggerDecision:
    """What the lock and the users' whereabouts say. `serving`: they are at the origin; None where nothing tells."""
    if lock_holder is not None:
        since = f"{lock_holder.since:%Y-%m-%d %H:%M:%S} UTC"
        return TriggerDecision(
            TriggerVerdict.LOCK_HELD, f"run {lock_holder.run} holds the application's lock since {since}"
        )
    if users_at_origin is False:
        return TriggerDecision(
            TriggerVerdict.USERS_ELSEWHERE, f"the users are not at {origin}: there is nothing to leave"
        )
    return TriggerDecision(TriggerVerdict.START, "nothing is against it", claim)


def _format_time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M:%S} UTC"


def is_drill_overdue(
    last_success: datetime | None, at_least_every: timedelta, blackouts: Sequence[BlackoutWindow], now: datetime
) -> bool:
    """Whether a drill should have succeeded since `last`: the time of blackouts is not counted."""
    if last_success is None:
        return True
    dark = sum((max(timedelta(), min(now, b.ends) - max(last_success, b.begins)) for b in blackouts), timedelta())
    return now - last_success - dark > at_least_every
