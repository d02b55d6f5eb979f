"""The longest that a run may take. What a machine comes to at worst: tests/state_machines/checks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leeward.common.polling import PollState
from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.asl import TaskState
from leeward.state_machines.build import BuiltRunbook, build_runbooks
from leeward.state_machines.compile.failure_handling import QUESTION_TIMEOUT_SECONDS
from leeward.state_machines.diagnostics.document_locations import DocumentLocation, DocumentSource
from leeward.state_machines.fields.failure_policy import OnFailure
from leeward.state_machines.fragments.patterns.poll_loop import max_polls
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_behavior import count_waves
from tests.state_machines.conftest import DOCUMENTS
from tests.support.nonempty import nonempty
from tests.support.paths import RUNBOOKS_FOLDER

# What each machine allowed when a step was a single call: the longest path, or the runbook's own timeout. A run that
# hangs ends later if this grows, and its lock is held as long. Two things may make it a little longer: a step that was
# one call with six tries also polls now, and the record of a run's begin and end is retried for longer.
SECONDS_WITH_SINGLE_CALLS = {
    "ticketing-drill": 78_587,
    "ticketing-failback": 107_267,
    "ticketing-failback-routing-control": 107_747,
    "ticketing-failback-weighted": 129_137,
    "ticketing-failover": 54_497,
    "ticketing-failover-routing-control": 54_977,
    "ticketing-failover-weighted": 54_497,
    "website-drill": 48_407,
    "website-failback": 215_987,
    "website-failback-drill": 138_047,
    "website-failover": 68_027,
}
GROWTH_PERCENT = 10
READY = [ready for root in (RUNBOOKS_FOLDER, DOCUMENTS) for ready in build_runbooks(root)]
WEBSITE = [ready for ready in READY if ready.application.application == "website"]


def named(ready: BuiltRunbook) -> str:
    return f"{ready.application.application}-{ready.runbook.runbook}"


@pytest.mark.parametrize("ready", WEBSITE, ids=named)
def test_timeout_covers_every_step_and_question(ready: BuiltRunbook) -> None:
    scope = StepScope(
        ready.application, RunDirection(ready.runbook.direction), DocumentLocation(DocumentSource(RUNBOOKS_FOLDER))
    )
    total = 0
    for step in ready.runbook.steps:
        total += step.attempt_timeout_seconds * (1 + step.policy.retry) * count_waves(step, scope)
        total += QUESTION_TIMEOUT_SECONDS * (step.policy.then is OnFailure.ASK)
    assert timedelta(seconds=total) <= ready.runbook.timeout


@pytest.mark.parametrize("ready", build_runbooks(RUNBOOKS_FOLDER), ids=named)
def test_run_may_not_take_much_longer_than_with_single_calls(ready: BuiltRunbook) -> None:
    limit = SECONDS_WITH_SINGLE_CALLS[named(ready)] * (100 + GROWTH_PERCENT) // 100
    assert ready.compiled.machine.timeout_seconds <= limit


@pytest.mark.parametrize("ready", READY, ids=named)
def test_poll_count_is_independent_of_timeout(ready: BuiltRunbook) -> None:
    for state in nonempty(ready.compiled.machine.states.values()):
        if isinstance(state, TaskState):
            payload = state.parameters["Payload"]
            assert isinstance(payload, dict)
            if isinstance(poll := payload.get("poll"), dict):
                given = {key: value for key, value in poll.items() if not key.endswith(".$")}
                assert max_polls(PollState.model_validate(given)) <= 150
