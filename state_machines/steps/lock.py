"""`lock`: one run of an application at a time. The end of the run releases it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.single import one_call
from leeward.state_machines.documents.policy import OnFailure
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope


class Lock(StepModel):
    """Take the application's lock, or be told which run holds it and since when."""

    kind: Literal["lock"]


def check(step: Lock, scope: StepScope) -> Iterator[Problem]:
    """Without the lock no step may go on."""
    if step.policy.then is OnFailure.CONTINUE:
        yield scope.place.at("on_failure").problem(
            "a run that goes on without the lock could work against another run", expected="stop, retry or ask"
        )


def compile(_step: Lock, context: Context) -> Fragment:
    """One call. The standby Region keeps the lock: a failover, which enters it, calls no other Region."""
    application = context.application
    parameters = {"application": application.application, "home": application.regions.standby}
    return one_call(context, "lock_acquire", parameters, "Take the lock: one run of the application at a time")


KIND = StepKind(Lock, compile, check=check, may_be_skipped=False)
