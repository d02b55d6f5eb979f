"""The ticketing service while its Region goes: users are moved, writes are counted, and no one has to do anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from leeward.state_machines.documents.application import VariantName
from leeward.state_machines.tree import Ready, ready_runbook
from leeward.twin.canonical import canonical, differences
from leeward.twin.internet.writers import Writers
from leeward.twin.library import world_of
from leeward.twin.rehearsal import play
from leeward.twin.rounds import rehearse_rounds
from leeward.twin.run import Run
from leeward.twin.stage import Stage
from leeward.twin.variants import VariantReport, rehearse_variants
from leeward.twin.world import documents, strikes
from leeward.twin.written import writes_report

ROOT = Path(__file__).parents[2]
IRELAND, SINGAPORE = "eu-west-1", "ap-southeast-1"
INCIDENT = timedelta(seconds=40)
# Interval x threshold, TTL, one retry, and a second of the clock.
BOUND = timedelta(seconds=30 + 30 + 2 + 1)


def ready(runbook: str = "failover") -> Ready:
    return ready_runbook(ROOT / "runbooks", "ticketing", runbook)


def told(users: int = 4, every: float = 20, lag: float = 1) -> documents.WorldDocument:
    world = world_of(ROOT / "workloads", "ticketing")
    people = documents.Users(count=users, every=timedelta(seconds=every), near={IRELAND: users - 2, SINGAPORE: 2})
    tables = {"tickets": documents.Tables(lag=timedelta(seconds=lag))}
    return world.model_copy(update={"users": people, "tables": tables})


def scenario(*faults: documents.Fault, dark: str | None = None) -> documents.Scenario:
    return documents.Scenario(
        scenario="drill",
        incident=documents.Incident(at=INCIDENT, dark=dark),
        faults=list(faults),
        start=documents.Start(after=timedelta(seconds=10)),
        operator=documents.Operator(answers_after=timedelta(seconds=10)),
    )


@contextmanager
def staged(
    *faults: documents.Fault,
    dark: str | None = None,
    world: documents.WorldDocument | None = None,
    runbook: str = "failover",
    variant: VariantName | None = None,
) -> Iterator[Stage]:
    with Stage(ready(runbook), world or told(), scenario(*faults, dark=dark), 7, variant=variant) as stage:
        yield stage


def users(stage: Stage) -> Writers:
    assert isinstance(stage.world.clients, Writers)
    return stage.world.clients


def serving(stage: Stage) -> set[str | None]:
    return {request.served_by for request in users(stage).latest}


INCIDENTS = ["region-dark", "api-deleted", "bad-release", "function-stopped", "health-switch"]
VARIANTS = ["failover", "latency", "weighted", "routing-control"]


@pytest.fixture(scope="module")
def seen() -> Mapping[tuple[str, str], VariantReport]:
    """Every incident under every routing, as `leeward rehearse ticketing --variants` plays them, with fewer users."""
    found = rehearse_variants(ROOT, "ticketing", users=3)
    assert found.passed
    assert found.scenarios == INCIDENTS
    return {(each.scenario, each.variant): each for each in found.variants}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("incident", INCIDENTS)
def test_users_leave_in_time(incident: str, variant: str, seen: Mapping[tuple[str, str], VariantReport]) -> None:
    """Nobody does anything: within interval x threshold, TTL and one retry all are served by the other Region."""
    told = seen[incident, variant]
    assert told.bound_seconds == BOUND.total_seconds()
    assert 20 < told.measured_seconds <= told.bound_seconds
    assert told.writes.duplicated == []
    # A Region that is out of service on purpose goes on answering whoever still comes.
    assert (told.failed == 0) == (incident == "health-switch")
    assert all(0 <= lost.before_incident_seconds <= told.lag_seconds for lost in told.writes.lost)
    assert incident == "region-dark" or told.writes.lost == []


def test_a_dark_region_loses_only_what_was_on_its_way() -> None:
    """Eight seconds of lag: what was acknowledged longer before is there; what is lost is listed by number."""
    with staged(dark=IRELAND, world=told(users=6, every=5, lag=8)) as stage:
        stage.wait_until(stage.incident_at + timedelta(seconds=10))
        report = writes_report(stage, stage.incident_at)
        assert report is not None
        assert report.lost
        assert all(0 <= lost.before_incident_seconds <= 8 for lost in report.lost)
        on_the_way = [
            write.number
            for write in users(stage).ledger.writes.values()
            if write.region == IRELAND and write.acked_at and stage.incident_at - write.acked_at <= timedelta(seconds=8)
        ]
        assert [lost.number for lost in report.lost] == on_the_way
        assert report.duplicated == []
        stage.darkness.ends()
        stage.wait_until(stage.engine.clock.now() + timedelta(seconds=30))
        healed = writes_report(stage, stage.incident_at)
        assert healed is not None
        assert (healed.lost, healed.duplicated, healed.diverged) == ([], [], [])


def test_without_lag_nothing_is_lost() -> None:
    with staged(dark=IRELAND, world=told(users=6, every=5, lag=0)) as stage:
        stage.wait_until(stage.incident_at + timedelta(seconds=10))
        report = writes_report(stage, stage.incident_at)
        assert report is not None
        assert report.lost == []
        assert report.acknowledged > 10


def test_the_operators_run_leaves_a_dark_region_for_good() -> None:
    """The Region returns, and neither users nor writes go back to it."""
    with staged(dark=IRELAND) as stage:
        run, result = play(stage, ready(), "run", {"approve": True})
        assert result.outcome == "succeeded", result.cause
        assert [i.name for i in result.invariants if not i.held] == []
        assert result.rto.met
        stage.darkness.ends()
        stage.wait_until(stage.engine.clock.now() + timedelta(minutes=2))
        assert serving(stage) == {SINGAPORE}
        assert "deferred" in next(s.detail for s in run.progress.steps if s.kind == "api.fence")


def test_a_drill_moves_everybody_there_and_back_without_an_error() -> None:
    with staged(runbook="drill", world=told()) as stage:
        _, result = play(stage, ready("drill"), "run", {"approve": True})
        assert result.passed, result.cause
        assert result.clients.failed == 0
        served = {request.served_by for request in users(stage).requests}
        assert served == {IRELAND, SINGAPORE}
        assert serving(stage) == {IRELAND}


def test_there_and_back_again_and_all_is_as_it_was(tmp_path: Path) -> None:
    """A round of `leeward rehearse ticketing --rounds N`, with fewer users."""
    root = tmp_path / "project"
    shutil.copytree(ROOT / "workloads" / "ticketing" / "scenarios", root / "workloads" / "ticketing" / "scenarios")
    (root / "workloads" / "ticketing" / "world.yaml").write_text(
        "{application: ticketing, deployment: workloads.ticketing.on_twin, users: {count: 2, every: 30s}}"
    )
    for name in ("runbooks", "state_machines"):
        (root / name).symlink_to(ROOT / name)
    gone = rehearse_rounds(root, "ticketing", 1)
    assert [(each.number, each.differences, [run.runbook for run in each.runs]) for each in gone.rounds] == [
        (1, [], ["failover", "failback"])
    ]
    assert gone.passed


@pytest.fixture(scope="module")
def at_first() -> dict[str, str]:
    """The state of the weighted world before anybody is led away; filled in by it."""
    return {}


@pytest.fixture(scope="module")
def weighted(at_first: dict[str, str]) -> Iterator[Stage]:
    """Users in Singapore, who are to be led back by shares."""
    there, back = ready("failover-weighted"), ready("failback-weighted")
    with Stage(there, told(users=4, every=30), scenario(), 7, also=[back]) as stage:
        stage.wait_until(stage.incident_at)
        at_first.update(canonical(stage))
        play(stage, there, "there", {"approve": True})
        yield stage


def shares(stage: Stage, run: Run) -> list[str]:
    """The shares that were watched, one after the other."""
    told = [
        e.detail for e in stage.books.journal(run) if e.event == "step.waiting" and " % of the users in " in e.detail
    ]
    return list(dict.fromkeys(detail.partition(" %")[0] for detail in told))


def test_a_gradual_shift_goes_back_by_itself_when_errors_rise(weighted: Stage, at_first: dict[str, str]) -> None:
    """A bad release in the Region that is entered: at ten percent it is seen, and everybody is led back."""
    weighted.engine.clock.later(120, lambda: strikes.break_api(weighted.world, IRELAND, 50), inline=True)
    run, result = play(weighted, ready("failback-weighted"), "bad", {"approve": True})
    strikes.break_api(weighted.world, IRELAND, 0)
    assert result.outcome == "failed"
    assert "ErrorRateRisen: with 10 % of the users in eu-west-1" in (result.cause or "")
    assert "Undone again: " in (result.cause or "")
    weighted.wait_until(weighted.engine.clock.now() + timedelta(minutes=2))
    assert serving(weighted) == {SINGAPORE}
    assert shares(weighted, run)[-1] == "10"
    assert differences(at_first, canonical(weighted)) == [
        f"api of {IRELAND}, as {region} knows it: was in-service, writes open, is out-of-service, writes fenced"
        for region in (SINGAPORE, IRELAND)
    ] + [
        f"users: was {IRELAND}, is {SINGAPORE}",
        "weight of ireland: was 100, is 0",
        "weight of singapore: was 0, is 100",
    ]


def test_a_gradual_shift_brings_everybody_back(weighted: Stage, at_first: dict[str, str]) -> None:
    """By 10, 50 and 100 %, each watched for its bake time. What the Region answered to its health checks while it was
    out of service is held against nobody."""
    run, result = play(weighted, ready("failback-weighted"), "well", {"approve": True})
    assert result.outcome == "succeeded", result.cause
    assert [i.name for i in result.invariants if not i.held] == []
    assert (result.clients.failed, serving(weighted)) == (0, {IRELAND})
    assert shares(weighted, run)[-3:] == ["10", "50", "100"]
    shift = next(step for step in result.steps if step.name == "Lead the users to eu-west-1 by shares")
    assert shift.ended_at - shift.started_at >= 3 * timedelta(minutes=5)
    assert differences(at_first, canonical(weighted)) == []
