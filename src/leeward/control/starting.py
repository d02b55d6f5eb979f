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

from leeward.common import durations
from leeward.control.lock import Holder

# An alarm's news that is older says nothing about now: EventBridge and Lambda try again for hours.
STALE = timedelta(minutes=15)
# A signal's figure is of a whole minute: the trouble began in the first of the minutes that count, or before.
_PERIOD = timedelta(minutes=1)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Blackout(_Model):
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
    blackouts: tuple[Blackout, ...] = ()


class Occasion(_Model):
    """What happened: the event's id, and its own time (of the alarm's change, of the schedule)."""

    id: str = Field(min_length=1)
    at: AwareDatetime


class Verdict(StrEnum):
    """What becomes of an event."""

    START = "start"
    ALREADY = "already started"
    STALE = "stale"
    COOL_DOWN = "cool-down"
    DAY_FULL = "day's limit"
    LOCK_HELD = "lock held"
    NOT_SERVING = "users are elsewhere"
    BLACKOUT = "blackout"


# Nothing was started although something is wrong: people want to know.
TOLD = frozenset({Verdict.STALE, Verdict.DAY_FULL, Verdict.LOCK_HELD})


@dataclass(frozen=True, slots=True)
class Decision:
    """`claim` is what to start, where something is to be started."""

    verdict: Verdict
    reason: str
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One start: the execution's name and input (JSON), when it was claimed, and whether it is known to have begun."""

    runbook: str
    name: str
    input: str
    at: datetime
    begun: bool = False


def execution_name(kind: str, at: datetime) -> str:
    """`alarm-20260301T091503.120Z`: the same for the same event, however often it comes."""
    moment = at.astimezone(UTC)
    return f"{kind}-{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z"


def blacked_out(blackouts: Sequence[Blackout], at: datetime) -> Blackout | None:
    """The blackout that `at` lies in."""
    return next((blackout for blackout in blackouts if blackout.begins <= at < blackout.ends), None)


def alarm_claim(runbook: str, alarm: str, occasion: Occasion, rules: AlarmRules, now: datetime) -> Claim:
    """What an alarm would start: approved at its start where it is automatic and no blackout says otherwise."""
    dark = blacked_out(rules.blackouts, now)
    approve = rules.automatic and dark is None
    unhealthy_for = timedelta(seconds=rules.unhealthy_for_seconds)
    # Later rather than earlier: the expected loss of data is counted from it, and must not be told too small.
    began = occasion.at - unhealthy_for + _PERIOD
    reason = f"alarm {alarm}: unhealthy for {durations.show(unhealthy_for)}"
    if rules.automatic and dark is not None:
        reason = f"{reason}; it asks, since automatic runs are blacked out ({dark.reason})"
    given = {"reason": reason, "incident_at": began.astimezone(UTC).isoformat(), "approve": approve}
    return Claim(runbook, execution_name("alarm", occasion.at), json.dumps(given, sort_keys=True), now)


def by_the_ledger(
    wanted: Claim, starts: Sequence[Claim], occasion: Occasion, rules: AlarmRules, now: datetime
) -> Decision | None:
    """What the application's earlier starts say; None where they have nothing against it."""
    same = next((claim for claim in starts if (claim.runbook, claim.name) == (wanted.runbook, wanted.name)), None)
    if same is not None and same.begun:
        return Decision(Verdict.ALREADY, f"{same.name} was started at {_clock(same.at)}")
    if same is not None:
        return _go_on(same)
    if now - occasion.at > STALE:
        return Decision(
            Verdict.STALE, f"the alarm is of {_clock(occasion.at)}, {durations.show(now - occasion.at)} ago"
        )
    recent = [claim for claim in starts if now - claim.at < timedelta(seconds=rules.cool_down_seconds)]
    if recent:
        return _after(recent[-1], wanted, rules)
    if len(starts) >= rules.max_runs_per_day:
        return Decision(
            Verdict.DAY_FULL, f"{len(starts)} runs in 24 hours, and at most {rules.max_runs_per_day} may be"
        )
    return None


def _after(last: Claim, wanted: Claim, rules: AlarmRules) -> Decision:
    if not last.begun and last.runbook == wanted.runbook:
        return _go_on(last)
    cool = durations.show(rules.cool_down_seconds)
    return Decision(Verdict.COOL_DOWN, f"{last.name} was started at {_clock(last.at)}; the cool-down is {cool}")


def _go_on(claim: Claim) -> Decision:
    return Decision(Verdict.START, f"{claim.name} was claimed at {_clock(claim.at)}, but not started", claim)


def by_the_world(wanted: Claim, held: Holder | None, serving: bool | None, origin: str) -> Decision:
    """What the lock and the users' whereabouts say. `serving`: they are at the origin; None where nothing tells."""
    if held is not None:
        since = f"{held.since:%Y-%m-%d %H:%M:%S} UTC"
        return Decision(Verdict.LOCK_HELD, f"run {held.run} holds the application's lock since {since}")
    if serving is False:
        return Decision(Verdict.NOT_SERVING, f"the users are not at {origin}: there is nothing to leave")
    return Decision(Verdict.START, "nothing is against it", wanted)


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%H:%M:%S} UTC"


def overdue(last: datetime | None, at_least_every: timedelta, blackouts: Sequence[Blackout], now: datetime) -> bool:
    """Whether a drill should have succeeded since `last`: the time of blackouts is not counted."""
    if last is None:
        return True
    dark = sum((max(timedelta(), min(now, b.ends) - max(last, b.begins)) for b in blackouts), timedelta())
    return now - last - dark > at_least_every
