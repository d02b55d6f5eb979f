"""Decides whether an event starts a run, and gives the reason. `control.triggers.trigger_ledger` stores the starts.

Events are delivered at least once, and alarms flap. So a start has three phases. First it is *claimed* under a name
that is derived from the event's time. Then the execution is started under that name, which Step Functions starts only
once. Then the claim is marked as begun. After a crash in any phase, the same or the next event continues from there.
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

# An older event says nothing about the current state, because EventBridge and Lambda retry for hours.
MAX_TRIGGER_AGE = timedelta(minutes=15)
# A metric covers a whole minute, so the incident began in the first of the unhealthy minutes or earlier.
_PERIOD = timedelta(minutes=1)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class BlackoutWindow(_Model):
    """A period without automatic runs, with its reason. `ends` is exclusive."""

    begins: AwareDatetime = Field(alias="from")
    ends: AwareDatetime = Field(alias="to")
    reason: str


class AlarmRules(_Model):
    """The rules for starting a run when an alarm fires."""

    automatic: bool
    unhealthy_for_seconds: PositiveInt
    cool_down_seconds: PositiveInt
    max_runs_per_day: PositiveInt
    blackouts: tuple[BlackoutWindow, ...] = ()


class TriggerOccurrence(_Model):
    """The event: its id, and the time of the alarm's state change or of the schedule."""

    id: str = Field(min_length=1)
    at: AwareDatetime


class TriggerVerdict(StrEnum):
    """The decision about an event."""

    START = "start"
    ALREADY_STARTED = "already started"
    STALE = "stale"
    COOL_DOWN = "cool-down"
    DAILY_LIMIT = "day's limit"
    LOCK_HELD = "lock held"
    USERS_ELSEWHERE = "users are elsewhere"
    BLACKOUT = "blackout"


# Operators are notified of these verdicts, because no run was started although the alarm fired.
NOTIFIED_VERDICTS = frozenset({TriggerVerdict.STALE, TriggerVerdict.DAILY_LIMIT, TriggerVerdict.LOCK_HELD})


@dataclass(frozen=True, slots=True)
class TriggerDecision:
    """The decision about an event and its reason. `claim` is the run to start, or None."""

    verdict: TriggerVerdict
    reason: str
    claim: StartClaim | None = None


@dataclass(frozen=True, slots=True)
class StartClaim:
    """A claimed start: the execution's name, its input (JSON), and when it was claimed.

    `begun` is true if the execution is known to have started.
    """

    runbook: str
    name: str
    input: str
    at: datetime
    begun: bool = False


def execution_name(kind: str, occurred_at: datetime) -> str:
    """Return the execution's name, such as `alarm-20260301T091503.120Z`. Repeated deliveries get the same name."""
    moment = occurred_at.astimezone(UTC)
    return f"{kind}-{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z"


def find_blackout(blackouts: Sequence[BlackoutWindow], moment: datetime) -> BlackoutWindow | None:
    """Return the blackout that contains `moment`, or None."""
    return next((blackout for blackout in blackouts if blackout.begins <= moment < blackout.ends), None)


def claim_for_alarm(
    runbook: str, alarm: str, occurrence: TriggerOccurrence, rules: AlarmRules, now: datetime
) -> StartClaim:
    """Return the claim for a run that an alarm would start.

    The run is approved at its start if the rules are `automatic` and no blackout applies.
    """
    blackout = find_blackout(rules.blackouts, now)
    approve = rules.automatic and blackout is None
    unhealthy_for = timedelta(seconds=rules.unhealthy_for_seconds)
    # Choose the latest possible time: the expected data loss is measured until then and must not be understated.
    incident_at = occurrence.at - unhealthy_for + _PERIOD
    reason = f"alarm {alarm}: unhealthy for {durations.format_duration(unhealthy_for)}"
    if rules.automatic and blackout is not None:
        reason = f"{reason}; approval is required, because automatic runs are blacked out ({blackout.reason})"
    run_input = {"reason": reason, "incident_at": incident_at.astimezone(UTC).isoformat(), "approve": approve}
    return StartClaim(runbook, execution_name("alarm", occurrence.at), json.dumps(run_input, sort_keys=True), now)


def decide_from_ledger(
    new_claim: StartClaim, claims: Sequence[StartClaim], occurrence: TriggerOccurrence, rules: AlarmRules, now: datetime
) -> TriggerDecision | None:
    """Decide from the application's earlier starts. None if they don't prevent a start."""
    same = next((claim for claim in claims if (claim.runbook, claim.name) == (new_claim.runbook, new_claim.name)), None)
    if same is not None and same.begun:
        return TriggerDecision(TriggerVerdict.ALREADY_STARTED, f"{same.name} was started at {_format_time(same.at)}")
    if same is not None:
        return _resume_claim(same)
    if now - occurrence.at > MAX_TRIGGER_AGE:
        return TriggerDecision(
            TriggerVerdict.STALE,
            f"the alarm fired at {_format_time(occurrence.at)}, {durations.format_duration(now - occurrence.at)} ago",
        )
    recent = [claim for claim in claims if now - claim.at < timedelta(seconds=rules.cool_down_seconds)]
    if recent:
        return _decide_after_recent(recent[-1], new_claim, rules)
    if len(claims) >= rules.max_runs_per_day:
        return TriggerDecision(
            TriggerVerdict.DAILY_LIMIT, f"{len(claims)} runs in 24 hours; the limit is {rules.max_runs_per_day}"
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
    """Decide from the lock and from where users are served. `users_at_origin` is None if that is unknown."""
    if lock_holder is not None:
        since = f"{lock_holder.since:%Y-%m-%d %H:%M:%S} UTC"
        return TriggerDecision(
            TriggerVerdict.LOCK_HELD, f"run {lock_holder.run} has held the application's lock since {since}"
        )
    if users_at_origin is False:
        return TriggerDecision(
            TriggerVerdict.USERS_ELSEWHERE, f"no users are served from {origin}, so there is nothing to fail over"
        )
    return TriggerDecision(TriggerVerdict.START, "nothing prevents the start", claim)


def _format_time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M:%S} UTC"


def is_drill_overdue(
    last_success: datetime | None, at_least_every: timedelta, blackouts: Sequence[BlackoutWindow], now: datetime
) -> bool:
    """Return whether no drill has succeeded for longer than `at_least_every`. Blackouts are not counted."""
    if last_success is None:
        return True
    blacked_out = sum(
        (max(timedelta(), min(now, b.ends) - max(last_success, b.begins)) for b in blackouts), timedelta()
    )
    return now - last_success - blacked_out > at_least_every
