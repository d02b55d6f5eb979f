"""A sweep of a failback doesn't start if the failover before it doesn't pass."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from tests.support.paths import REPOSITORY


def project_with_denied_call(folder: Path, application: str, operation: str, first: int) -> Path:
    """The project, whose default scenario denies the calls of an operation from the `first` on.

    The operator skips the step that fails.
    """
    for name in ("runbooks", "state_machines"):
        (folder / name).symlink_to(REPOSITORY / name)
    workload = folder / "workloads" / application
    (workload / "scenarios").mkdir(parents=True)
    (workload / "world.yaml").symlink_to(REPOSITORY / "workloads" / application / "world.yaml")
    text = (REPOSITORY / "workloads" / application / "scenarios" / "region-dark.yaml").read_text()
    fault = {"kind": "call", "operation": operation, "fault": "denied", "nth": first, "times": 1000}
    scenario = yaml.safe_load(text) | {"faults": [fault], "operator": {"failure": "skip"}}
    (workload / "scenarios" / "region-dark.yaml").write_text(yaml.safe_dump(scenario))
    return folder


@pytest.mark.parametrize(
    ("application", "runbook", "denied", "reason"),
    [
        ("ticketing", "failback", ("secretsmanager:GetSecretValue", 2), "'Check as a user would' was skipped"),
        pytest.param(
            "ticketing", "failback-routing-control", ("route53-recovery-cluster:UpdateRoutingControlStates", 1),
            "failed at 'Send the users to ap-southeast-1'", marks=pytest.mark.verify("a failover of its own"),
        ),
        pytest.param(
            "website", "failback", ("elbv2:RegisterTargets", 1), "failed at 'Register with the load balancer'",
            marks=pytest.mark.verify("a failover of its own"),
        ),
        pytest.param(
            "website", "failback", ("ec2:ModifyInstanceAttribute", 1), "failed at 'Protect the recovered servers'",
            marks=pytest.mark.verify("a failover of its own"),
        ),
    ],
)  # fmt: skip
def test_sweep_of_failback_stops_after_failover_without_permission(
    tmp_path: Path, application: str, runbook: str, denied: tuple[str, int], reason: str
) -> None:
    project = project_with_denied_call(tmp_path, application, *denied)
    with (
        pytest.raises(CannotRehearse, match="was not swept, because the failover") as refused,
        open_sweep_session(SweepTarget(project, application, runbook, 7)),
    ):
        pass
    assert reason in str(refused.value)
