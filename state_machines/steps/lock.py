"""`lock`: allow one run of an application at a time. The end of the run releases the lock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.failure_policy import OnFailure
from leeward.state_machines.fragments.patterns.single_action import build_short_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_model import StepModel


class LockStep(StepModel):
    """Acquire the application's lock. If another run holds it, the error says which run, and since when."""

    kind: Literal["lock"]


def check(step: LockStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the run doesn't continue without the lock."""
    if step.policy.then is OnFailure.CONTINUE:
        yield scope.location.child("on_failure").problem(
            "a run that continues without the lock could conflict with another run", expected="stop, retry or ask"
        )


def compile(_step: LockStep, context: StepContext) -> Fragment:
    """Build a poll loop. The standby Region keeps the lock, so a failover, which enters it, calls no other Region."""
    application = context.application
    parameters = {"application": application.application, "home": application.regions.standby}
    return build_short_wait(
        context, "lock_acquire", parameters, "Acquire the lock: one run of the application at a time"
    )
