"""A rehearsal fails when a role lacks a permission that the run needs, and names it."""

from __future__ import annotations

import pytest

from leeward.rehearsal.results.result_models import ExecutionOutcome
from tests.rehearsals.permissions.removed_grants import (
    Grant,
    called_grants,
    drawn_grants,
    run_without,
    short_failover,
)
from tests.support.website_session import broken_invariants, run_to_end, website_session

# What a failover that goes well does not need, and what does. tests/rehearsals/triggers/test_least_privilege.py plays
# each of these under the same roles, and fails if any grant of any task stays unused.
FAILURE_PATHS = {
    Grant("alb_register", "elasticloadbalancing:DeregisterTargets"): "a failback or an undo",
    Grant("approval_request", "dynamodb:GetItem"): "a question that is asked again",
    Grant("approval_request", "states:SendTaskSuccess"): "a question that was answered before it is asked again",
    Grant("drs_recover", "drs:DescribeJobLogItems"): "a launch that fails",
    Grant("drs_recover", "drs:DescribeRecoverySnapshots"): "a recovery to a point in time",
    Grant("drs_recover", "dynamodb:DeleteItem"): "a launch that is rejected",
    Grant("drs_recover", "dynamodb:GetItem"): "a launch whose response is lost",
    Grant("drs_reverse", "drs:ReverseReplication"): "an origin that responds again",
    Grant("drs_reverse", "drs:TagResource"): "an origin that responds again",
    Grant("lock_acquire", "states:DescribeExecution"): "a lock that another run holds",
    Grant("preflight", "drs:DescribeRecoverySnapshots"): "a recovery to a point in time",
    Grant("preflight", "ec2:DescribeInstanceStatus"): "servers that already run",
    Grant("preflight", "ec2:DescribeInstances"): "servers that already run",
    Grant("run_end", "sns:Publish"): "a run that fails",
}


@pytest.mark.parametrize(
    ("grant", "outcome"),
    [
        (Grant("lock_acquire", "dynamodb:PutItem"), ExecutionOutcome.FAILED),
        # Messages and events only inform: the run goes on without them, but the rehearsal does not pass.
        (Grant("notify", "sns:Publish"), ExecutionOutcome.SUCCEEDED),
        (Grant("lock_acquire", "events:PutEvents"), ExecutionOutcome.SUCCEEDED),
    ],
    ids=str,
)
def test_rehearsal_without_a_grant_fails_with_access_denied(grant: Grant, outcome: ExecutionOutcome) -> None:
    result, denied = run_without(grant, short_failover())
    assert denied
    assert all(grant.action in each for each in denied)
    assert (result.outcome, result.passed) == (outcome, False)
    (broken,) = [text for text in broken_invariants(result) if text.startswith("permitted: ")]
    assert grant.action in broken
    if outcome is ExecutionOutcome.FAILED:
        assert f"is not authorized to perform: {grant.action} on resource: arn:aws:" in str(result.cause)


@pytest.mark.verify(reason="plays a rehearsal for each of 20 grants; three others are played in the normal run")
@pytest.mark.parametrize("grant", drawn_grants(20, seed=19, excluded=FAILURE_PATHS), ids=str)
def test_removal_of_each_drawn_grant_is_noticed(grant: Grant) -> None:
    result, denied = run_without(grant)
    assert denied
    assert all(grant.action in each for each in denied)
    assert not result.passed
    assert any(text.startswith("permitted: ") for text in broken_invariants(result))


@pytest.mark.verify(reason="plays a whole failover; every other rehearsal checks the same promise")
def test_failover_uses_every_grant_except_those_of_failure_paths() -> None:
    with website_session() as stage:
        result, _, _ = run_to_end(stage)
        used = {(each.task, each.action) for each in stage.guard.used_permissions}
    (report,) = [each for each in result.invariants if each.name == "permitted"]
    assert (report.held, report.checked) == (True, sum(result.usage.api_calls.values()))
    assert {grant for grant in called_grants() if (grant.task, grant.action) not in used} == FAILURE_PATHS.keys()
