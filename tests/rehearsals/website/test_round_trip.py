"""There and back: nothing lost, nothing left over, and the same again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leeward.rehearsal.results.result_models import ExecutionOutcome, RehearsalResult, RoundsResult
from leeward.rehearsal.runner.rounds import rehearse_rounds
from leeward.rehearsal.runner.single_rehearsal import play_run, restore_origin
from leeward.rehearsal.scenarios.scenario_documents import LaunchFails
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.snapshots.world_snapshot import snapshot_differences, take_world_snapshot
from leeward.state_machines.build import BuiltRunbook
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY
from tests.support.website_session import (
    EAST,
    WEST,
    broken_invariants,
    compile_website,
    run_to_end,
    website_session,
)

NO_CAPACITY = "An error occurred (InsufficientInstanceCapacity)"


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> RoundsResult:
    evidence = tmp_path_factory.mktemp("evidence")
    return rehearse_rounds(REPOSITORY, "website", 2, short_waits=True, evidence_dir=evidence)


def test_every_round_restores_initial_state(rounds: RoundsResult) -> None:
    assert [(r.number, r.differences) for r in rounds.rounds] == [(1, []), (2, [])]


def test_every_run_of_every_round_passes(rounds: RoundsResult) -> None:
    for each in nonempty(rounds.rounds):
        for run in each.runs:
            assert run.passed, (each.number, run.runbook, run.cause, broken_invariants(run), run.rto, run.rpo)
    assert rounds.passed


def test_planned_failback_has_zero_rpo(rounds: RoundsResult) -> None:
    assert [each.runs[1].rpo.measured_seconds for each in rounds.rounds] == [0.0, 0.0]


def test_leftover_cost_is_reported_and_constant(rounds: RoundsResult) -> None:
    first, second = (each.dollars_a_month for each in rounds.rounds)
    assert set(first) == {EAST, WEST}
    assert first == second
    assert first[EAST] > 0


def fail_over(stage: RehearsalSession) -> RehearsalResult:
    """The failover is over and us-east-1 is back."""
    result, _, _ = run_to_end(stage)
    assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
    restore_origin(stage)
    return result


def fail_back(stage: RehearsalSession) -> tuple[RehearsedRun, RehearsalResult]:
    return play_run(stage, FAILBACK, "back", {})


FAILBACK: BuiltRunbook = compile_website(name="failback")
DRILL: BuiltRunbook = compile_website(name="drill")


def running_instance(stage: RehearsalSession, region: str, group: str) -> str:
    return next(i.id for i in stage.world.instances.in_region(region) if i.group == group and i.running_since)


def test_data_written_after_failover_survives_failback() -> None:
    with website_session(also=[FAILBACK]) as stage:
        stage.world.drs.write_marker(EAST, running_instance(stage, EAST, "database"), "order-1", "before")
        stage.wait_until(stage.incident_at)
        fail_over(stage)
        stage.world.drs.write_marker(WEST, running_instance(stage, WEST, "database"), "order-2", "in us-west-2")
        _, result = fail_back(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        kept = stage.world.drs.read_markers(EAST, running_instance(stage, EAST, "database"))
        assert kept == {"order-1": "before", "order-2": "in us-west-2"}


def test_journal_reports_unprotected_instances() -> None:
    with website_session() as stage:
        result, run, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        bare = stage.protection_monitor.intervals
        assert {spell.machine for spell in bare} >= {"database", "home-page", "catalogue-page"}
        assert {spell.instance for spell in bare if spell.region == WEST} <= stage.journals.reported_unprotected(run)
        assert broken_invariants(result) == []


@pytest.mark.parametrize("minutes", [1, 4, 7, 8])
@pytest.mark.verify("four complete round trips")
def test_origin_outage_during_failback_keeps_users_served(minutes: int) -> None:
    with website_session(also=[FAILBACK]) as stage:
        fail_over(stage)
        again = stage.engine.clock.now() + timedelta(minutes=minutes)
        stage.engine.clock.call_at(
            again, lambda: stage.engine.interceptor.schedule_outage(EAST, again), name="incident"
        )
        stage.engine.clock.call_at(again, lambda: stage.world.drs.lose_origin_region(EAST), name="incident")
        _, result = fail_back(stage)
        assert result.outcome is ExecutionOutcome.FAILED
        moved = [r for r in stage.routing_changes if r.at > result.started_at]
        assert moved or stage.world.application_dns.routes_to(WEST), "users stay where they are served"
        running = {i.group for i in stage.world.instances.in_region(WEST) if i.running_since}
        assert running == {"database", "home-page", "catalogue-page"}
        assert len(stage.world.drs.recovery_instances(WEST)) == 3
        assert len(stage.world.drs.servers(WEST)) == 3, "the source servers of us-west-2 and their snapshots are kept"


def test_drill_restores_initial_state() -> None:
    with website_session(ready=DRILL, failed_region=None) as stage:
        stage.wait_until(stage.engine.clock.now() + timedelta(minutes=1))
        before = take_world_snapshot(stage)
        _, result = play_run(stage, DRILL, "drill", {})
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken_invariants(result) == []
        assert result.passed, (result.rto, result.rpo)
        stage.wait_until(stage.engine.clock.now() + timedelta(minutes=30))
        assert snapshot_differences(before, take_world_snapshot(stage)) == []


def test_failed_drill_restores_initial_state() -> None:
    fault = LaunchFails(kind="launch-fails", group="home-page", reason=NO_CAPACITY)
    with website_session(fault, ready=DRILL, failed_region=None) as stage:
        stage.wait_until(stage.engine.clock.now() + timedelta(minutes=1))
        before = take_world_snapshot(stage)
        _, result = play_run(stage, DRILL, "drill", {})
        assert result.outcome is ExecutionOutcome.FAILED
        assert NO_CAPACITY in (result.cause or "")
        stage.wait_until(stage.engine.clock.now() + timedelta(minutes=30))
        assert snapshot_differences(before, take_world_snapshot(stage)) == []


def test_drill_is_rejected_while_live_instance_exists() -> None:
    with website_session(also=[DRILL]) as stage:
        fail_over(stage)
        live = {i.ec2_instance_id for i in stage.world.drs.recovery_instances(WEST)}
        _, result = play_run(stage, DRILL, "drill", {})
        assert result.outcome is ExecutionOutcome.FAILED
        assert result.error == "NotReady"
        assert {i.ec2_instance_id for i in stage.world.drs.recovery_instances(WEST)} == live
        assert stage.world.is_serving(WEST)
