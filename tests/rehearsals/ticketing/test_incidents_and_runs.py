"""The ticketing service while its Region goes: users are moved, writes are counted, and no one has to do anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from leeward.common.claims.all_claims import find_claims
from leeward.common.claims.types.traffic_claims import WeightsSet
from leeward.control.journal.run_journal import JournalEvent
from leeward.rehearsal.assessment.write_audit import audit_writes
from leeward.rehearsal.clients.writing_clients import WritingClients
from leeward.rehearsal.incidents import serverless_faults
from leeward.rehearsal.runner.rounds import rehearse_rounds
from leeward.rehearsal.runner.routing_comparison import VariantReport, compare_routing_variants
from leeward.rehearsal.runner.single_rehearsal import play_run
from leeward.rehearsal.scenarios import scenario_documents
from leeward.rehearsal.scenarios.scenario_loader import load_world_document
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.snapshots.world_snapshot import snapshot_differences, take_world_snapshot
from leeward.state_machines.application.application_document import VariantName
from leeward.state_machines.build import BuiltRunbook, build_runbook
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

IRELAND, SINGAPORE = "eu-west-1", "ap-southeast-1"
INCIDENT = timedelta(seconds=40)
# Detection, TTL, longer caching, an open connection, a timeout, and one retry with a second of the clock.
EVACUATION_LIMIT = timedelta(seconds=58 + 30 + 30 + 60 + 5 + 2 + 1)


def compiled_runbook(runbook: str = "failover") -> BuiltRunbook:
    return build_runbook(REPOSITORY / "runbooks", "ticketing", runbook)


def world_with_users(users: int = 4, every: float = 20, lag: float = 1) -> scenario_documents.WorldDocument:
    world = load_world_document(REPOSITORY / "workloads", "ticketing")
    people = scenario_documents.UserSettings(
        count=users, every=timedelta(seconds=every), near={IRELAND: users - 2, SINGAPORE: 2}
    )
    tables = {"tickets": scenario_documents.TableSettings(lag=timedelta(seconds=lag))}
    return world.model_copy(update={"users": people, "tables": tables})


def scenario(
    *faults: scenario_documents.ScenarioFault, failed_region: str | None = None
) -> scenario_documents.Scenario:
    return scenario_documents.Scenario(
        scenario="drill",
        incident=scenario_documents.ScenarioIncident(at=INCIDENT, dark=failed_region),
        faults=list(faults),
        start=scenario_documents.StartSettings(after=timedelta(seconds=10)),
        operator=scenario_documents.OperatorSettings(answers_after=timedelta(seconds=10)),
    )


@contextmanager
def ticketing_session(
    *faults: scenario_documents.ScenarioFault,
    failed_region: str | None = None,
    world: scenario_documents.WorldDocument | None = None,
    runbook: str = "failover",
    variant: VariantName | None = None,
) -> Iterator[RehearsalSession]:
    with RehearsalSession(
        compiled_runbook(runbook),
        world or world_with_users(),
        scenario(*faults, failed_region=failed_region),
        7,
        variant=variant,
    ) as stage:
        yield stage


def writing_clients(stage: RehearsalSession) -> WritingClients:
    assert isinstance(stage.world.clients, WritingClients)
    return stage.world.clients


def serving_regions(stage: RehearsalSession) -> set[str | None]:
    return {request.served_by for request in writing_clients(stage).latest_requests}


INCIDENTS = ["region-dark", "api-deleted", "bad-release", "function-stopped", "health-switch"]
VARIANTS = ["failover", "latency", "weighted", "routing-control"]


@pytest.fixture(scope="module")
def seen() -> Mapping[tuple[str, str], VariantReport]:
    """Every incident under every routing, as `leeward rehearse ticketing --variants` plays them, with fewer users."""
    found = compare_routing_variants(REPOSITORY, "ticketing", users=3)
    assert found.passed
    assert found.scenarios == INCIDENTS
    return {(each.scenario, each.variant): each for each in found.variants}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("incident", INCIDENTS)
def test_users_reach_other_region_within_bound(
    incident: str, variant: str, seen: Mapping[tuple[str, str], VariantReport]
) -> None:
    """Without an operator, the other Region serves all users within the longest times of the simulation."""
    output = seen[incident, variant]
    assert output.bound_seconds == EVACUATION_LIMIT.total_seconds()
    assert 20 < output.measured_seconds <= output.bound_seconds
    assert output.writes.duplicated == []
    # A Region that is out of service on purpose goes on answering whoever still comes.
    assert (output.failed == 0) == (incident == "health-switch")
    ages = [lost.before_incident_seconds for lost in output.writes.lost]
    assert [age for age in ages if not 0 <= age <= output.lag_seconds] == []
    assert incident == "region-dark" or output.writes.lost == []


def test_region_outage_loses_only_unreplicated_writes() -> None:
    """Eight seconds of lag: what was acknowledged longer before is there; what is lost is listed by number."""
    with ticketing_session(failed_region=IRELAND, world=world_with_users(users=6, every=5, lag=8)) as stage:
        stage.wait_until(stage.incident_at + timedelta(seconds=10))
        report = audit_writes(stage, stage.incident_at)
        assert report is not None
        assert report.lost
        assert all(0 <= lost.before_incident_seconds <= 8 for lost in nonempty(report.lost))
        on_the_way = [
            write.number
            for write in writing_clients(stage).ledger.writes.values()
            if write.region == IRELAND
            and write.acknowledged_at
            and stage.incident_at - write.acknowledged_at <= timedelta(seconds=8)
        ]
        assert [lost.number for lost in report.lost] == on_the_way
        assert report.duplicated == []
        stage.region_outages.end_all()
        stage.wait_until(stage.engine.clock.now() + timedelta(seconds=30))
        healed = audit_writes(stage, stage.incident_at)
        assert healed is not None
        assert (healed.lost, healed.duplicated, healed.diverged) == ([], [], [])


def test_outage_without_lag_loses_nothing() -> None:
    with ticketing_session(failed_region=IRELAND, world=world_with_users(users=6, every=5, lag=0)) as stage:
        stage.wait_until(stage.incident_at + timedelta(seconds=10))
        report = audit_writes(stage, stage.incident_at)
        assert report is not None
        assert report.lost == []
        assert report.acknowledged > 10


def test_failover_run_keeps_users_in_target_after_outage() -> None:
    """The Region returns, and neither users nor writes go back to it."""
    with ticketing_session(failed_region=IRELAND) as stage:
        run, result = play_run(stage, compiled_runbook(), "run", {"approve": True})
        assert result.outcome == "succeeded", result.cause
        assert [i.name for i in result.invariants if i.violated] == []
        assert result.rto.met
        stage.region_outages.end_all()
        stage.wait_until(stage.engine.clock.now() + timedelta(minutes=2))
        assert serving_regions(stage) == {SINGAPORE}
        assert "deferred" in next(s.detail for s in run.progress.steps if s.kind == "api.fence")


def test_drill_moves_users_there_and_back_without_errors() -> None:
    with ticketing_session(runbook="drill", world=world_with_users()) as stage:
        _, result = play_run(stage, compiled_runbook("drill"), "run", {"approve": True})
        assert result.passed, result.cause
        assert result.clients.failed == 0
        served = {request.served_by for request in writing_clients(stage).requests}
        assert served == {IRELAND, SINGAPORE}
        assert serving_regions(stage) == {IRELAND}


def test_round_trip_restores_initial_state(tmp_path: Path) -> None:
    """A round of `leeward rehearse ticketing --rounds N`, with fewer users."""
    root = tmp_path / "project"
    shutil.copytree(
        REPOSITORY / "workloads" / "ticketing" / "scenarios", root / "workloads" / "ticketing" / "scenarios"
    )
    (root / "workloads" / "ticketing" / "world.yaml").write_text(
        "{application: ticketing, deployment: workloads.ticketing.on_twin, users: {count: 2, every: 30s}}"
    )
    for name in ("runbooks", "state_machines"):
        (root / name).symlink_to(REPOSITORY / name)
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
def weighted(at_first: dict[str, str]) -> Iterator[RehearsalSession]:
    """Users in Singapore, who are to be led back by shares."""
    there, back = compiled_runbook("failover-weighted"), compiled_runbook("failback-weighted")
    with RehearsalSession(there, world_with_users(users=4, every=30), scenario(), 7, other_runbooks=[back]) as stage:
        stage.wait_until(stage.incident_at)
        at_first.update(take_world_snapshot(stage))
        play_run(stage, there, "there", {"approve": True})
        yield stage


def watched_shares(stage: RehearsalSession, run: RehearsedRun) -> list[str]:
    """The shares that were watched, one after the other."""
    output = [
        e.detail for e in stage.journals.journal(run) if e.event == "step.waiting" and " % of the users in " in e.detail
    ]
    return list(dict.fromkeys(detail.partition(" %")[0] for detail in output))


def test_gradual_shift_rolls_back_on_errors(weighted: RehearsalSession, at_first: dict[str, str]) -> None:
    """A bad release in the Region that is entered: at ten percent it is seen, and everybody is led back."""
    weighted.engine.clock.call_later(
        120, lambda: serverless_faults.set_api_error_rate(weighted.world, IRELAND, 50), inline=True
    )
    run, result = play_run(weighted, compiled_runbook("failback-weighted"), "bad", {"approve": True})
    serverless_faults.set_api_error_rate(weighted.world, IRELAND, 0)
    assert result.outcome == "failed"
    assert "ErrorRateRisen: with 10 % of the users in eu-west-1" in (result.cause or "")
    assert "Undone again: " in (result.cause or "")
    weighted.wait_until(weighted.engine.clock.now() + timedelta(minutes=2))
    assert serving_regions(weighted) == {SINGAPORE}
    assert watched_shares(weighted, run)[-1] == "10"
    assert snapshot_differences(at_first, take_world_snapshot(weighted)) == [
        f"api of {IRELAND}, as {region} knows it: was in-service, writes open, is out-of-service, writes fenced"
        for region in (SINGAPORE, IRELAND)
    ] + [
        f"users: was {IRELAND}, is {SINGAPORE}",
        "weight of ireland: was 100, is 0",
        "weight of singapore: was 0, is 100",
    ]


def test_gradual_shift_moves_all_users(weighted: RehearsalSession, at_first: dict[str, str]) -> None:
    """By 10, 50 and 100 %, each watched for its bake time. What the Region answered to its health checks while it was
    out of service doesn't count as an error. The hold before the shift moves no users, and the summary says so."""
    run, result = play_run(weighted, compiled_runbook("failback-weighted"), "well", {"approve": True})
    assert result.outcome == "succeeded", result.cause
    assert [i.name for i in result.invariants if i.violated] == []
    assert (result.clients.failed, serving_regions(weighted)) == (0, {IRELAND})
    assert watched_shares(weighted, run)[-3:] == ["10", "50", "100"]
    journal = weighted.journals.journal(run)
    assert [claim.is_hold for entry in journal for claim in find_claims(entry.facts, WeightsSet)] == [True, False]
    summary = next(entry for entry in reversed(journal) if entry.event is JournalEvent.RUN_ENDED).facts["cause"]
    assert f"Users: were sent to {IRELAND} (" in str(summary)
    shift = next(step for step in result.steps if step.name == "Lead the users to eu-west-1 by shares")
    assert shift.ended_at - shift.started_at >= 3 * timedelta(minutes=5)
    assert snapshot_differences(at_first, take_world_snapshot(weighted)) == []
