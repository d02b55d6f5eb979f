"""Whether an alarm's event starts a run, with times on both sides of each limit."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from leeward.control.locking.application_lock import LockHolder
from leeward.control.triggers.trigger_decision import (
    AlarmRules,
    BlackoutWindow,
    StartClaim,
    TriggerDecision,
    TriggerOccurrence,
    TriggerVerdict,
    claim_for_alarm,
    decide_from_ledger,
    decide_from_state,
    execution_name,
    find_blackout,
    is_drill_overdue,
)
from leeward.control.triggers.trigger_ledger import TriggerLedger
from tests.support.task_world import TaskWorld

NOW = datetime(2026, 3, 1, 9, 15, 3, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def rules(**more: Any) -> AlarmRules:
    given = {"automatic": True, "unhealthy_for_seconds": 300, "cool_down_seconds": 3600, "max_runs_per_day": 3}
    return AlarmRules.model_validate(given | more)


def occurrence(ago: timedelta = timedelta()) -> TriggerOccurrence:
    return TriggerOccurrence(id="e", at=NOW - ago)


def blackout(begins: datetime, ends: datetime) -> BlackoutWindow:
    return BlackoutWindow.model_validate({"from": begins, "to": ends, "reason": "a sale"})


def claim(name: str, ago: timedelta, *, runbook: str = "failover", begun: bool = True) -> StartClaim:
    return StartClaim(runbook, name, "{}", NOW - ago, begun)


def decide(*claims: StartClaim, event: TriggerOccurrence | None = None, **more: Any) -> TriggerDecision | None:
    return decide_from_ledger(claim("new", timedelta(), begun=False), claims, event or occurrence(), rules(**more), NOW)


@pytest.mark.parametrize(
    ("microsecond", "text"), [(0, "000"), (999, "000"), (1000, "001"), (120_000, "120"), (999_999, "999")]
)
def test_name_of_execution_is_the_time_in_milliseconds(microsecond: int, text: str) -> None:
    local = NOW.replace(microsecond=microsecond).astimezone(timezone(timedelta(hours=5)))
    assert execution_name("alarm", local) == f"alarm-20260301T091503.{text}Z"


@pytest.mark.parametrize(
    ("begins", "ends", "found"),
    [(-1, 1, True), (0, 1, True), (1, 2, False), (-1, 0, False), (-2, -1, False)],
)
def test_blackout_ends_before_its_end(begins: int, ends: int, found: bool) -> None:
    window = blackout(NOW + begins * HOUR, NOW + ends * HOUR)
    far = blackout(NOW - 9 * HOUR, NOW - 8 * HOUR)
    assert find_blackout([far, window], NOW) == (window if found else None)
    made = claim_for_alarm("failover", "health", occurrence(), rules(blackouts=[window]), NOW)
    assert json.loads(made.input)["approve"] is not found


@pytest.mark.parametrize("automatic", [True, False])
@pytest.mark.parametrize("dark", [True, False])
def test_claim_states_incident_and_reason(automatic: bool, dark: bool) -> None:
    windows = [blackout(NOW - HOUR, NOW + HOUR)] if dark else []
    made = claim_for_alarm("failover", "health", occurrence(), rules(automatic=automatic, blackouts=windows), NOW)
    reason = "alarm health: unhealthy for 5m"
    if automatic and dark:
        reason += "; approval is required, because automatic runs are blacked out (a sale)"
    assert json.loads(made.input) == {
        "approve": automatic and not dark,
        "incident_at": "2026-03-01T09:11:03+00:00",
        "reason": reason,
    }
    assert (made.runbook, made.name, made.at, made.begun) == ("failover", "alarm-20260301T091503.000Z", NOW, False)


def test_nothing_prevents_a_first_start() -> None:
    assert decide() is None


@pytest.mark.parametrize("begun", [True, False])
def test_claim_of_same_name_is_started_once(begun: bool) -> None:
    same = claim("new", 5 * SECOND, begun=begun)
    others = claim("new", 9 * SECOND, runbook="drill"), claim("old", 9 * SECOND)
    found = decide(*others, same)
    assert found == (
        TriggerDecision(TriggerVerdict.ALREADY_STARTED, "new was started at 09:14:58 UTC")
        if begun
        else TriggerDecision(TriggerVerdict.START, "new was claimed at 09:14:58 UTC, but not started", same)
    )


@pytest.mark.parametrize(("ago", "stale"), [(15 * 60, False), (15 * 60 + 1, True)])
def test_event_is_stale_after_a_quarter_of_an_hour(ago: int, stale: bool) -> None:
    found = decide(event=occurrence(ago * SECOND))
    expected = TriggerDecision(TriggerVerdict.STALE, "the alarm fired at 09:00:02 UTC, 15m1s ago")
    assert found == (expected if stale else None)


@pytest.mark.parametrize(("ago", "cool"), [(3599, True), (3600, False)])
def test_cool_down_follows_a_start(ago: int, cool: bool) -> None:
    found = decide(claim("old", 9 * HOUR), claim("last", ago * SECOND))
    expected = TriggerDecision(TriggerVerdict.COOL_DOWN, "last was started at 08:15:04 UTC; the cool-down is 1h")
    assert found == (expected if cool else None)


@pytest.mark.parametrize(
    ("begun", "runbook", "resumed"),
    [(False, "failover", True), (True, "failover", False), (False, "drill", False), (False, "zone", False)],
)
def test_last_claim_is_resumed_if_it_has_not_begun(begun: bool, runbook: str, resumed: bool) -> None:
    first, last = claim("first", 50 * SECOND), claim("last", 5 * SECOND, runbook=runbook, begun=begun)
    found = decide(first, last)
    assert found is not None
    assert (found.verdict, found.claim) == (
        (TriggerVerdict.START, last) if resumed else (TriggerVerdict.COOL_DOWN, None)
    )


@pytest.mark.parametrize(("count", "limited"), [(2, False), (3, True), (4, True)])
def test_runs_of_a_day_are_limited(count: int, limited: bool) -> None:
    found = decide(*(claim(f"c{n}", (9 - n) * HOUR) for n in range(count)))
    expected = TriggerDecision(TriggerVerdict.DAILY_LIMIT, f"{count} runs in 24 hours; the limit is 3")
    assert found == (expected if limited else None)


@pytest.mark.parametrize("users_at_origin", [True, False, None])
def test_users_elsewhere_or_a_held_lock_prevent_the_start(users_at_origin: bool | None) -> None:
    mine = claim("new", timedelta())
    found = decide_from_state(mine, None, users_at_origin, "us-east-1")
    assert found == (
        TriggerDecision(
            TriggerVerdict.USERS_ELSEWHERE, "no users are served from us-east-1, so there is nothing to fail over"
        )
        if users_at_origin is False
        else TriggerDecision(TriggerVerdict.START, "nothing prevents the start", mine)
    )
    held = decide_from_state(mine, LockHolder("r", NOW), users_at_origin, "us-east-1")
    reason = "run r has held the application's lock since 2026-03-01 09:15:03 UTC"
    assert held == TriggerDecision(TriggerVerdict.LOCK_HELD, reason)


@pytest.mark.parametrize(
    ("hours_ago", "windows", "overdue"),
    [
        (None, [], True),
        (10, [], False),
        (10.01, [], True),
        (10, [(-20, -13)], False),
        (12, [(-6, -4)], False),
        (12.01, [(-6, -4)], True),
        (12, [(-6, -5), (-4, -3)], False),
        (12.01, [(-6, -5), (-4, -3)], True),
        (12, [(-13, -10)], False),
        (11, [(-14, -10)], False),
        (13, [(-14, -12)], True),
        (12, [(-2, 5)], False),
        (12.01, [(-2, 5)], True),
        (10.5, [(1, 5)], True),
        (10.5, [(-20, -15)], True),
    ],
)
def test_blackouts_do_not_count_towards_the_next_drill(
    hours_ago: float | None, windows: list[tuple[int, int]], overdue: bool
) -> None:
    last = None if hours_ago is None else NOW - hours_ago * HOUR
    blackouts = [blackout(NOW + begins * HOUR, NOW + ends * HOUR) for begins, ends in windows]
    assert is_drill_overdue(last, 10 * HOUR, blackouts, NOW) is overdue


# -- the ledger -------------------------------------------------------------------------------------


def test_ledger_keeps_claims_for_a_day(world: TaskWorld) -> None:
    ledger = TriggerLedger(world.table, "website")
    assert ledger.read_claims(NOW) == []
    claims = [claim("old", 24 * HOUR), claim("recent", 24 * HOUR - SECOND, begun=False)]
    assert ledger.add_claim(claims[0], [])
    assert ledger.add_claim(claims[1], claims[:1])
    assert ledger.read_claims(NOW) == claims[1:]
    assert ledger.read_claims(NOW - SECOND) == claims
    ledger.mark_begun(claims[1], NOW - SECOND)
    assert [(each.name, each.begun) for each in ledger.read_claims(NOW - SECOND)] == [("old", True), ("recent", True)]


def test_only_one_of_two_writers_adds_its_claim(world: TaskWorld) -> None:
    first, second = TriggerLedger(world.table, "website"), TriggerLedger(world.table, "website")
    read = [ledger.read_claims(NOW) for ledger in (first, second)]
    a, b = claim("a", SECOND), claim("b", SECOND)
    assert first.add_claim(a, read[0])
    assert not second.add_claim(b, read[1])
    assert second.add_claim(b, second.read_claims(NOW))
    assert not first.add_claim(claim("c", SECOND), [a])
    assert first.add_claim(a, [a]), "it is there already"
    assert first.read_claims(NOW) == [a, b]


@pytest.mark.parametrize(("after", "again"), [(59, False), (60, True), (61, True)])
def test_operators_are_notified_once_per_cool_down(world: TaskWorld, after: int, again: bool) -> None:
    ledger, cool = TriggerLedger(world.table, "website"), 60 * SECOND
    assert ledger.may_notify(TriggerVerdict.STALE, NOW, cool)
    assert ledger.may_notify(TriggerVerdict.LOCK_HELD, NOW, cool)
    assert ledger.may_notify(TriggerVerdict.STALE, NOW + after * SECOND, cool) is again
