"""Health checks turn after so many answers in a row, and calculated ones with their children."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from leeward.twin.internet.health.health_check_timing import HealthCheckTiming, longest_detection
from leeward.twin.internet.health.health_checks import HealthChecks
from leeward.twin.realism.realism_settings import Realism, SeededDraws

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@dataclass
class FakeHealthCheck:
    id: str
    type_: str = "HTTPS"
    fqdn: str | None = "ie.example.com"
    resource_path: str | None = "/health"
    request_interval: int | str = 10
    failure_threshold: int | str = 3
    health_threshold: int | str | None = None
    inverted: bool = False
    disabled: bool = False
    children: list[str] | None = None


@dataclass
class HealthCheckWorld:
    checks: list[FakeHealthCheck]
    well: bool = True
    on: set[str] = field(default_factory=set)
    now: datetime = START
    realism: Realism = field(default_factory=Realism.none)
    seed: int = 7
    asked_at: list[float] = field(default_factory=list)
    start_task: Callable[[Callable[[], None]], object] = lambda action: action()

    def __post_init__(self) -> None:
        timing = HealthCheckTiming(self.realism, SeededDraws(self.seed, "test"))
        self.health = HealthChecks(
            lambda: self.checks,
            self._ask,
            self.on.__contains__,
            lambda: self.now,
            timing=timing,
            start_task=self._start,
        )

    def _ask(self, host: str, path: str) -> bool:
        assert (host, path) == ("ie.example.com", "/health")
        self.asked_at.append((self.now - START).total_seconds())
        return self.well

    def _start(self, probe: Callable[[], None]) -> None:
        self.start_task(probe)

    @property
    def asked(self) -> int:
        return len(self.asked_at)

    def seconds_until(self, healthy: bool) -> int:
        """The seconds that pass until the check "a" changes to `healthy`."""
        for second in range(600):
            if self.health.is_healthy("a") == healthy:
                return second
            self.advance(1)
        raise AssertionError(f"still not healthy={healthy}")

    def advance(self, seconds: int) -> None:
        for _ in range(seconds):
            self.health.check_due_endpoints()
            self.now += timedelta(seconds=1)


def test_check_changes_after_three_consecutive_results() -> None:
    world = HealthCheckWorld([FakeHealthCheck("a")])
    world.advance(10)
    world.well = False
    world.advance(20)
    assert world.health.is_healthy("a")
    world.advance(10)
    assert not world.health.is_healthy("a")
    world.well = True
    world.advance(20)
    assert not world.health.is_healthy("a")
    world.advance(10)
    assert world.health.is_healthy("a")
    assert world.asked == 7


def test_single_failure_does_not_change_check() -> None:
    world = HealthCheckWorld([FakeHealthCheck("a", failure_threshold=2)])
    for well in (True, False, True, False, True):
        world.well = well
        world.advance(10)
    assert world.health.is_healthy("a")


def test_inverted_and_disabled_checks() -> None:
    world = HealthCheckWorld(
        [
            FakeHealthCheck("a", inverted=True),
            FakeHealthCheck("b", disabled=True),
            FakeHealthCheck("c", disabled=True, inverted=True),
        ]
    )
    world.advance(1)
    assert [world.health.is_healthy(name) for name in "abc"] == [False, True, False]


def test_calculated_check_requires_control_and_endpoint() -> None:
    both = FakeHealthCheck("both", type_="CALCULATED", children=["a", "control"], health_threshold=2)
    world = HealthCheckWorld(
        [FakeHealthCheck("a", failure_threshold=1), both, FakeHealthCheck("control", type_="RECOVERY_CONTROL")]
    )
    assert not world.health.is_healthy("both")
    world.on.add("control")
    assert world.health.is_healthy("both")
    world.well = False
    world.advance(1)
    assert not world.health.is_healthy("both")


def test_checkers_probe_at_drawn_times_within_interval() -> None:
    times = []
    for seed in (1, 2):
        world = HealthCheckWorld([FakeHealthCheck("a")], realism=Realism(), seed=seed)
        world.advance(31)
        first = world.asked_at[:5]
        assert len(set(first)) > 1
        assert max(first) <= 10
        assert world.asked_at[5:10] == [at + 10 for at in first], "each checker keeps its own interval"
        times.append(first)
    assert times[0] != times[1]


def test_check_without_timing_probes_once_per_interval_at_once() -> None:
    world = HealthCheckWorld([FakeHealthCheck("a")])
    world.advance(21)
    assert world.asked_at == [0, 10, 20]


@pytest.mark.parametrize("seed", range(1, 9))
def test_timing_delays_detection_up_to_documented_bound(seed: int) -> None:
    bound = longest_detection(timedelta(seconds=10), 3).total_seconds()
    exact = HealthCheckWorld([FakeHealthCheck("a")], seed=seed)
    drawn = HealthCheckWorld([FakeHealthCheck("a")], seed=seed, realism=Realism())
    for world in (exact, drawn):
        world.advance(35)
        world.well = False
    # 82% of all checkers must have failed on AWS: three times, the last one late in the first interval.
    assert exact.seconds_until(healthy=False) <= 26
    assert 28 < drawn.seconds_until(healthy=False) <= bound


def test_endpoint_is_unhealthy_only_when_all_checkers_agree() -> None:
    world = HealthCheckWorld([FakeHealthCheck("a", failure_threshold=1)], realism=Realism())
    world.advance(20)
    first_to_last = sorted(at % 10 for at in world.asked_at[-5:])
    world.advance(10 - int((world.now - START).total_seconds()) % 10)
    world.well = False
    world.advance(int(first_to_last[-1]))
    world.well = True
    world.advance(20)
    assert world.health.is_healthy("a"), "the last checker never failed"


def test_changed_status_reaches_dns_after_delay() -> None:
    world = HealthCheckWorld([FakeHealthCheck("a", failure_threshold=1)], realism=Realism())
    world.advance(20)
    world.well = False
    detected_at = None
    for _ in range(30):
        before = world.asked
        world.advance(1)
        if world.asked > before and detected_at is None and world.asked >= 10 + 5:
            detected_at = world.now - timedelta(seconds=1)
        if not world.health.is_healthy("a"):
            break
    assert detected_at is not None
    assert timedelta(seconds=1) <= world.now - detected_at <= timedelta(seconds=6)


def test_slow_probe_does_not_delay_other_checks() -> None:
    world = HealthCheckWorld([FakeHealthCheck("a"), FakeHealthCheck("b")])
    started: list[Callable[[], None]] = []
    world.start_task = started.append
    world.advance(15)
    assert len(started) == 2, "one probe of each check, which hasn't ended"
    started[1]()
    world.advance(11)
    assert len(started) == 3, "the interval begins when a probe ends"
