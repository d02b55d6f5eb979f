"""The longest that a run may take. What a machine comes to at worst: tests/state_machines/checks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leeward.common.polling import Poll
from leeward.state_machines.asl import Task
from leeward.state_machines.compile.policy import QUESTION_SECONDS
from leeward.state_machines.compile.waiting import most_looks
from leeward.state_machines.documents.direction import Direction
from leeward.state_machines.documents.policy import OnFailure
from leeward.state_machines.places import Place, Source
from leeward.state_machines.steps import kind_of
from leeward.state_machines.tree import RUNBOOKS, Ready, ready_runbooks
from leeward.state_machines.validate.scope import StepScope
from tests.state_machines.conftest import DOCUMENTS

READY = [ready for root in (RUNBOOKS, DOCUMENTS) for ready in ready_runbooks(root)]
WEBSITE = [ready for ready in READY if ready.application.application == "website"]


def named(ready: Ready) -> str:
    return f"{ready.application.application}-{ready.runbook.runbook}"


@pytest.mark.parametrize("ready", WEBSITE, ids=named)
def test_a_run_has_time_for_every_step_and_for_a_question_about_each(ready: Ready) -> None:
    scope = StepScope(ready.application, Direction(ready.runbook.direction), Place(Source(RUNBOOKS)))
    total = 0
    for step in ready.runbook.steps:
        total += step.seconds * (1 + step.policy.retry) * kind_of(step).rounds(step, scope)
        total += QUESTION_SECONDS * (step.policy.then is OnFailure.ASK)
    assert timedelta(seconds=total) <= ready.runbook.timeout


@pytest.mark.parametrize("ready", READY, ids=named)
def test_a_wait_of_hours_looks_as_often_as_one_of_minutes(ready: Ready) -> None:
    for state in ready.compiled.machine.states.values():
        if isinstance(state, Task):
            payload = state.parameters["Payload"]
            assert isinstance(payload, dict)
            if isinstance(poll := payload.get("poll"), dict):
                given = {key: value for key, value in poll.items() if not key.endswith(".$")}
                assert most_looks(Poll.model_validate(given)) <= 150
