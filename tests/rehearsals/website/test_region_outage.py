"""us-east-1 fails and stays unavailable: the failover succeeds within its objectives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from leeward.rehearsal.results.result_models import ExecutionOutcome, RehearsalResult, RunStepStatus
from leeward.rehearsal.runner.single_rehearsal import CannotRehearse, rehearse
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY
from tests.support.website_session import WEST, broken_invariants, run_to_end, step_named, website_session
from tools.sample_figures import Sample, read_figures


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RehearsalResult:
    return rehearse(REPOSITORY, "website", "failover", history_dir=tmp_path_factory.mktemp("history"))


def test_failover_succeeds_but_takes_longer_than_its_rto(result: RehearsalResult) -> None:
    """Servers that wait for others launch one after the other, which takes too long under realistic time."""
    assert (result.outcome, result.cause) == (ExecutionOutcome.SUCCEEDED, None)
    assert broken_invariants(result) == []
    assert result.rto.missed, result.rto
    assert result.rpo.met, result.rpo
    assert not result.passed


def test_figures_are_the_committed_ones(result: RehearsalResult) -> None:
    """A delay that is taken away, or added, shows here and not only in the test of its own."""
    committed = read_figures()[Sample("website", "failover").name]
    assert result.rto.measured_seconds == committed["rto"]["measured_seconds"]
    assert result.clients.downtime_seconds == committed["downtime_seconds"]
    assert (result.ended_at - result.started_at).total_seconds() == committed["run_seconds"]


def test_every_step_is_done_with_times(result: RehearsalResult) -> None:
    assert {s.status for s in result.steps} == {RunStepStatus.DONE}
    for s in result.steps:
        assert s.started_at is not None, s.name
        assert s.ended_at is not None, s.name
        assert s.started_at <= s.ended_at, s.name
        assert s.detail, s.name


def test_database_launches_before_parallel_web_servers(result: RehearsalResult) -> None:
    parts = {p.name: p for p in step_named(result, "Recover the servers").parts}
    assert set(parts) == {"database", "home-page", "catalogue-page"}
    assert parts["database"].ended_at <= parts["home-page"].started_at
    assert parts["home-page"].started_at == parts["catalogue-page"].started_at


def test_rto_equals_user_downtime(result: RehearsalResult) -> None:
    assert result.rto.measured_seconds is not None
    assert result.clients.downtime_seconds == result.rto.measured_seconds
    assert result.clients.failed == 5 * result.clients.downtime_seconds or result.clients.failed > 0


def test_rpo_is_largest_server_lag(result: RehearsalResult) -> None:
    assert result.rpo.measured_seconds is not None
    assert 8 <= result.rpo.measured_seconds < 60, "the database trails 8 s behind in this world"


def test_usage_is_counted(result: RehearsalResult) -> None:
    assert result.usage.api_calls["drs:StartRecovery"] == 3
    assert result.usage.lambda_invocations > len(result.steps)
    assert result.usage.state_transitions > result.usage.lambda_invocations


def test_result_json_has_documented_members(result: RehearsalResult) -> None:
    document = json.loads(result.model_dump_json())
    assert set(document) >= {
        "application", "runbook", "outcome", "incident_at", "started_at", "ended_at", "rto", "rpo", "steps", "clients",
        "usage", "invariants", "history",
    }  # fmt: skip
    assert set(document["rto"]) == {"objective_seconds", "measured_seconds", "met", "status", "basis", "reason"}
    assert (document["rto"]["status"], document["rto"]["basis"]) == ("measured", "clients")
    assert set(document["clients"]) == {"requests", "failed", "downtime_seconds", "clients", "moved", "served_since"}
    assert document["clients"]["moved"] == document["clients"]["clients"]
    assert Path(document["history"]).exists()


_REHEARSE = """
import sys
from pathlib import Path
from leeward.rehearsal.runner.single_rehearsal import rehearse
root, seed, folder = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
print(rehearse(root, "website", "failover", seed=seed, history_dir=folder).model_dump_json())
"""


def in_another_process(folder: Path, seed: int, hash_seed: str) -> tuple[bytes, dict[str, object]]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo" if hash_seed == "1" else "UTC"}
    command = [sys.executable, "-c", _REHEARSE, str(REPOSITORY), str(seed), str(folder)]
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    document = json.loads(done.stdout.splitlines()[-1])  # what comes before is the Lambdas' log
    return Path(document["history"]).read_bytes(), document


def test_same_seed_gives_identical_history(result: RehearsalResult, tmp_path: Path) -> None:
    here = Path(result.history).read_bytes()
    there, document = in_another_process(tmp_path, 7, "1")
    assert there == here
    paths = ("history", "evidence")
    same = {k: v for k, v in document.items() if k not in paths}
    assert same == {k: v for k, v in json.loads(result.model_dump_json()).items() if k not in paths}


def test_other_seed_changes_job_durations(result: RehearsalResult, tmp_path: Path) -> None:
    other = rehearse(REPOSITORY, "website", "failover", seed=8, history_dir=tmp_path)
    assert other.outcome is ExecutionOutcome.SUCCEEDED
    took = [p.ended_at for p in step_named(result, "Recover the servers").parts]
    assert took != [p.ended_at for p in step_named(other, "Recover the servers").parts]


@pytest.mark.parametrize("seed", range(20, 25))
@pytest.mark.verify("several complete runs")
def test_failover_succeeds_with_several_seeds(seed: int) -> None:
    with website_session(seed=seed) as stage:
        other, _, _ = run_to_end(stage)
        assert other.passed, (other.cause, broken_invariants(other))


def test_failover_makes_no_call_to_failed_region() -> None:
    with website_session() as stage:
        result, _, _ = run_to_end(stage)
        since = [c for c in stage.engine.interceptor.calls if c.at >= stage.incident_at]
        assert result.passed
        # drs.reverse says that it asks the other Region, and defers: it comes when the users have been moved.
        others = {c.operation for c in since if c.region != WEST and c.caller != "leeward-drs-reverse"}
        assert others <= {
            "route53-recovery-cluster:UpdateRoutingControlStates",
            "route53-recovery-cluster:GetRoutingControlState",
            "route53-recovery-cluster:ListRoutingControls",
        }


def test_recovered_instances_have_termination_protection() -> None:
    with website_session() as stage:
        run_to_end(stage)
        ec2 = stage.engine.client("ec2", WEST)
        instances = stage.world.drs.recovery_instances(WEST)
        assert len(instances) == 3
        for instance in nonempty(instances):
            kept = ec2.describe_instance_attribute(
                InstanceId=instance.ec2_instance_id, Attribute="disableApiTermination"
            )
            assert kept["DisableApiTermination"]["Value"] is True


def test_drifted_state_machine_is_not_rehearsed(tmp_path: Path) -> None:
    for folder in ("runbooks", "workloads"):
        (tmp_path / folder).symlink_to(REPOSITORY / folder)
    generated = tmp_path / "state_machines" / "generated" / "website"
    generated.mkdir(parents=True)
    with pytest.raises(CannotRehearse, match="does not exist"):
        rehearse(tmp_path, "website", "failover")
    (generated / "failover.asl.json").write_text("{}")
    with pytest.raises(CannotRehearse, match="leeward compile"):
        rehearse(tmp_path, "website", "failover")
