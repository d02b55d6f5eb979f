"""Health checks turn after so many answers in a row, and calculated ones with their children."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from leeward.twin.internet.health_checks import HealthChecks

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@dataclass
class Check:
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
class World:
    checks: list[Check]
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

    def pass_(self, seconds: int) -> None:
        for _ in range(seconds):
            self.health.check_due_endpoints()
            self.now += timedelta(seconds=1)


def test_three_failures_in_a_row_turn_it_and_three_successes_turn_it_back() -> None:
    world = World([Check("a")])
    world.pass_(10)
    world.well = False
    world.pass_(20)
    assert world.health.is_healthy("a")
    world.pass_(10)
    assert not world.health.is_healthy("a")
    world.well = True
    world.pass_(20)
    assert not world.health.is_healthy("a")
    world.pass_(10)
    assert world.health.is_healthy("a")
    assert world.asked == 7


def test_one_failure_among_successes_turns_nothing() -> None:
    world = World([Check("a", failure_threshold=2)])
    for well in (True, False, True, False, True):
        world.well = well
        world.pass_(10)
    assert world.health.is_healthy("a")


def test_inverted_and_disabled() -> None:
    world = World([Check("a", inverted=True), Check("b", disabled=True), Check("c", disabled=True, inverted=True)])
    world.pass_(1)
    assert [world.health.is_healthy(name) for name in "abc"] == [False, True, False]


def test_a_calculated_check_needs_its_control_and_its_endpoint() -> None:
    both = Check("both", type_="CALCULATED", children=["a", "control"], health_threshold=2)
    world = World([Check("a", failure_threshold=1), both, Check("control", type_="RECOVERY_CONTROL")])
    assert not world.health.is_healthy("both")
    world.on.add("control")
    assert world.health.is_healthy("both")
    world.well = False
    world.pass_(1)
    assert not world.health.is_healthy("both")
