"""The longest that a run may take, and the most history that it may write."""

from __future__ import annotations

from datetime import timedelta

import pytest

from common.polling import Poll
from state_machines.asl import Parallel, States, Task
from state_machines.compile.machine import CompiledRunbook
from state_machines.compile.policy import QUESTION_SECONDS
from state_machines.compile.waiting import most_looks
from state_machines.documents.direction import Direction
from state_machines.documents.policy import OnFailure
from state_machines.places import Place, Source
from state_machines.steps import kind_of
from state_machines.tree import RUNBOOKS, Ready, ready_runbooks
from state_machines.validate.scope import StepScope
from tests.state_machines.conftest import DOCUMENTS

READY = [ready for root in (RUNBOOKS, DOCUMENTS) for ready in ready_runbooks(root)]
WEBSITE = [ready for ready in READY if ready.application.application == "website"]
# Step Functions' own limit of a run's history (docs.aws.amazon.com/step-functions, Service quotas).
HISTORY = 25_000
# Entered, scheduled, started, succeeded and exited for a call; entered and exited for the wait and for the choice.
CALL, LOOK = 5, 9
# Scheduled, started, failed: what one more try of a call writes.
TRY = 3


def named(ready: Ready) -> str:
    return f"{ready.application.application}-{ready.runbook.runbook}"


def most_events(states: States, tries: int) -> int:
    """Every state of `states` once and every wait to its end, each call tried again `tries` times."""
    total = 0
    for state in states.values():
        if isinstance(state, Parallel):
            total += 3 + sum(2 + most_events(dict(branch.states), tries) for branch in state.branches)
        elif isinstance(state, Task):
            payload = state.parameters["Payload"]
            assert isinstance(payload, dict)
            poll = payload.get("poll")
            looks = 1
            if isinstance(poll, dict) and "attempt.$" in poll:
                looks = most_looks(Poll.model_validate({k: v for k, v in poll.items() if not k.endswith(".$")}))
            total += looks * ((LOOK if looks > 1 else CALL) + tries * TRY)
        else:
            total += 2
    return total


def history(ready: Ready, tries: int) -> int:
    """Every step in all its attempts, every question, and the whole way back."""
    compiled: CompiledRunbook = ready.compiled
    states = compiled.machine.states
    total = 10
    for step, info in zip(ready.runbook.steps, compiled.steps, strict=True):
        own = {name: states[name] for name in info.states if name in states}
        back = {name: states[name] for name in info.undo_states if name in states}
        total += most_events(own, tries) * (1 + step.policy.retry) + most_events(back, tries)
    return total


@pytest.mark.parametrize("ready", WEBSITE, ids=named)
def test_the_history_stays_far_below_the_limit(ready: Ready) -> None:
    assert history(ready, tries=0) < HISTORY / 2


@pytest.mark.parametrize("ready", WEBSITE, ids=named)
def test_the_history_stays_below_the_limit_even_when_every_call_is_tried_twice(ready: Ready) -> None:
    assert history(ready, tries=1) < HISTORY


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
