"""The base of all step models."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, TypeVar

from pydantic import Field

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.fields.failure_policy import FailurePolicy, PolicyField
from leeward.state_machines.fields.field_types import DocumentModel, Duration, StepName
from leeward.state_machines.step_kinds.step_effects import GroupEffect, StepEffect

E = TypeVar("E", bound=StepEffect)
G = TypeVar("G", bound=GroupEffect)


class StepModel(DocumentModel):
    """Base of the step models. Each model narrows `kind` to a Literal and adds its own fields."""

    # A step that AWS completes at once is done in seconds. This is how long it waits for an AWS service that fails. It
    # outlasts an outage of ten minutes by a few polls.
    default_timeout: ClassVar[timedelta] = timedelta(minutes=12)
    default_policy: ClassVar[str] = "stop"

    kind: str
    name: StepName = Field(description="What the step does, in the application's terms. Unique in the runbook")
    on_failure: PolicyField | None = Field(
        None, description="stop (default), retry, ask, continue, undo, or {retry: 2, then: ask}"
    )
    timeout: Duration | None = Field(None, description="How long one attempt may take, such as 5m")

    @property
    def policy(self) -> FailurePolicy:
        """Return what follows this step's failure."""
        return self.on_failure or FailurePolicy.from_word(self.default_policy)

    @property
    def attempt_timeout(self) -> timedelta:
        """Return how long one attempt may take: `timeout`, or the kind's default."""
        return self.timeout or self.default_timeout

    @property
    def attempt_timeout_seconds(self) -> int:
        """Return the timeout of one attempt in seconds."""
        return int(self.attempt_timeout.total_seconds())

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return ()

    def find_effect(self, effect: type[E]) -> E | None:
        """Return the step's effect of this type, or None."""
        return next((one for one in self.effects if isinstance(one, effect)), None)

    def find_group_effect(self, effect: type[G], group: str, side: Side) -> G | None:
        """Return the step's effect of this type on this group on this side, or None."""
        found = self.find_effect(effect)
        return found if found is not None and found.covers(group, side) else None
