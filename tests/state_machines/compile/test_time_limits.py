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


@pytest.mark.parametrize("ready", READY, ids=named)
def test_poll_count_is_independent_of_timeout(ready: BuiltRunbook) -> None:
    for state in nonempty(ready.compiled.machine.states.values()):
        if isinstance(state, TaskState):
            payload = state.parameters["Payload"]
            assert isinstance(payload, dict)
            if isinstance(poll := payload.get("poll"), dict):
                given = {key: value for key, value in poll.items() if not key.endswith(".$")}
                assert max_polls(PollState.model_validate(given)) <= 150
