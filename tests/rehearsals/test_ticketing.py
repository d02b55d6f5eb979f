"""The ticketing service while its Region goes: users are moved, writes are counted, and no one has to do anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from state_machines.documents.application import VariantName
from state_machines.tree import Ready, ready_runbook
from twin.internet.writers import Writers
from twin.library import world_of
from twin.rehearsal import play
from twin.stage import Stage
from twin.variants import rehearse_variants
from twin.world import documents
from twin.written import writes_report

ROOT = Path(__file__).parents[2]
IRELAND, SINGAPORE = "eu-west-1", "ap-southeast-1"
INCIDENT = timedelta(seconds=40)
# Interval x threshold, TTL, one retry, and a second of the clock.
BOUND = timedelta(seconds=30 + 30 + 2 + 1)


def ready(runbook: str = "failover") -> Ready:
    return ready_runbook(ROOT / "runbooks", "ticketing", runbook)


def told(users: int = 6, every: float = 5, lag: float = 1) -> documents.WorldDocument:
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


MOVERS: list[tuple[str, documents.Fault]] = [
    ("its API is deleted", documents.ApiDeleted(kind="api-deleted", region=IRELAND, at=INCIDENT)),
    ("its function is stopped", documents.FunctionStopped(kind="function-stopped", region=IRELAND, at=INCIDENT)),
    ("its health switch is thrown", documents.HealthSwitch(kind="health-switch", region=IRELAND, at=INCIDENT)),
]


@pytest.mark.parametrize("fault", [fault for _, fault in MOVERS], ids=[name for name, _ in MOVERS])
def test_users_are_moved_when(fault: documents.Fault) -> None:
    with staged(fault) as stage:
        stage.wait_until(stage.incident_at)
        assert serving(stage) == {IRELAND}
        stage.wait_until(stage.incident_at + BOUND + timedelta(seconds=6))
        assert serving(stage) == {SINGAPORE}
        late = [r for r in users(stage).requests if r.served_by is None and r.at > stage.incident_at + BOUND]
        assert late == []
        if isinstance(fault, documents.HealthSwitch):  # the Region goes on answering whoever still comes
            assert all(request.served_by for request in users(stage).requests)


def test_a_dark_region_loses_only_what_was_on_its_way() -> None:
    """Eight seconds of lag: what was acknowledged longer before is there; what is lost is listed by number."""
    with staged(dark=IRELAND, world=told(lag=8)) as stage:
        stage.wait_until(stage.incident_at + BOUND + timedelta(seconds=10))
        assert serving(stage) == {SINGAPORE}
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
        stage.origin_returns()
        stage.wait_until(stage.engine.clock.now() + timedelta(seconds=30))
        healed = writes_report(stage, stage.incident_at)
        assert healed is not None
        assert (healed.lost, healed.duplicated, healed.diverged) == ([], [], [])


def test_every_variant_is_within_its_bound() -> None:
    seen = rehearse_variants(ROOT, "ticketing", users=5, scenario=str(Path(__file__).with_name("ticketing-dark.yaml")))
    assert [variant.variant for variant in seen.variants] == ["failover", "latency", "weighted", "routing-control"]
    for variant in seen.variants:
        assert variant.bound_seconds == 63
        assert 20 < variant.measured_seconds <= variant.bound_seconds, variant.variant
        assert variant.writes.duplicated == []
        assert all(0 <= lost.before_incident_seconds <= 1 for lost in variant.writes.lost)
    assert seen.passed


def test_without_lag_nothing_is_lost() -> None:
    with staged(dark=IRELAND, world=told(lag=0)) as stage:
        stage.wait_until(stage.incident_at + BOUND)
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
        stage.origin_returns()
        stage.wait_until(stage.engine.clock.now() + timedelta(minutes=2))
        assert serving(stage) == {SINGAPORE}
        assert "deferred" in next(s.detail for s in run.progress.steps if s.kind == "api.fence")


def test_a_drill_moves_everybody_there_and_back_without_an_error() -> None:
    with staged(runbook="drill", world=told(users=4, every=10)) as stage:
        _, result = play(stage, ready("drill"), "run", {"approve": True})
        assert result.passed, result.cause
        assert result.clients.failed == 0
        served = {request.served_by for request in users(stage).requests}
        assert served == {IRELAND, SINGAPORE}
        assert serving(stage) == {IRELAND}


def test_a_gradual_shift_goes_back_by_itself_when_errors_rise() -> None:
    """A bad release in the Region that is entered: at ten percent it is seen, and everybody is led back."""
    bad = documents.ApiErrors(kind="api-errors", region=IRELAND, percent=50, at=timedelta(minutes=9))
    there, back = ready("failover-weighted"), ready("failback-weighted")
    with Stage(there, told(users=6, every=15), scenario(bad), 7, also=[back]) as stage:
        play(stage, there, "there", {"approve": True})
        stage.wait_until(stage.engine.clock.now() + timedelta(minutes=1))
        run, result = play(stage, back, "back", {"approve": True})
        assert result.outcome == "failed"
        assert "ErrorRateRisen" in (result.cause or "")
        assert "Undone again: " in (result.cause or "")
        stage.wait_until(stage.engine.clock.now() + timedelta(minutes=2))
        assert serving(stage) == {SINGAPORE}
        shares = [e.detail for e in stage.journal(run) if e.event == "step.waiting" and " % of the users" in e.detail]
        assert next(share for share in shares if not share.startswith("0 %")).startswith("10 %")
