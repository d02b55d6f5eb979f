"""Writes a step's failure down, in words, before its policy is followed."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from leeward.common.signals import Announced, RunMetric
from leeward.control.failure import Branch, Caught, Failure, of_branches, of_error
from leeward.control.journal import Entry, Event
from leeward.lambdas.common.events import AsideEvent, Parameters
from leeward.lambdas.common.signals import announce, count
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class FailureParameters(Parameters):
    """What the state machine caught: one error, or how the branches of a wave ended. `policy` is what follows."""

    error: Caught | None = None
    branches: list[Branch] | None = None
    policy: str

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.error is None) == (self.branches is None):
            raise ValueError("either an error or branches")
        return self


@task(AsideEvent[FailureParameters])
def handler(event: AsideEvent[FailureParameters], bench: Workbench) -> Failure:
    """Word the failure, and journal it."""
    step, given = event.step, event.parameters
    failure = of_error(step.id, given.error) if given.error else of_branches(step.id, given.branches or [])
    detail = f"{failure.error}: {failure.cause}"
    facts = {"error": failure.error, "policy": given.policy}
    failed = Entry(bench.now, Event.STEP_FAILED, detail, step.id, step.attempt, facts)
    link = bench.journal(event.run.id).write(failed)
    announce(bench, Announced.STEP_FAILED, event.run, link, step)
    count(event.run, {RunMetric.STEP_FAILED: 1})
    return failure
