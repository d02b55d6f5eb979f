"""Health checks turn after so many answers in a row, and calculated ones with their children."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from leeward.twin.internet.health_checks import HealthChecks

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
    asked: int = 0

    def __post_init__(self) -> None:
        self.health = HealthChecks(lambda: self.checks, self._ask, self.on.__contains__, lambda: self.now)

    def _ask(self, host: str, path: str) -> bool:
        assert (host, path) == ("ie.example.com", "/health")
        self.asked += 1
        return self.well

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
