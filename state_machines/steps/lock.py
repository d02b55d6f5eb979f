"""`lock`: one run of an application at a time. The end of the run releases it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.failure_policy import OnFailure
from leeward.state_machines.fragments.patterns.single_action import build_single_call
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.steps.step_kind import StepKind, StepModel


class LockStep(StepModel):
    """Take the application's lock, or be told which run holds it and since when."""

    kind: Literal["lock"]


def check(step: LockStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Without the lock no step may go on."""
    if step.policy.then is OnFailure.CONTINUE:
        yield scope.location.child("on_failure").problem(
            "a run that goes on without the lock could work against another run", expected="stop, retry or ask"
        )


def compile(_step: LockStep, context: StepContext) -> Fragment:
    """One call. The standby Region keeps the lock: a failover, which enters it, calls no other Region."""
    application = context.application
    parameters = {"application": application.application, "home": application.regions.standby}
    return build_single_call(context, "lock_acquire", parameters, "Take the lock: one run of the application at a time")


KIND = StepKind(LockStep, compile, check=check, may_be_skipped=False)
