"""The document of an `rds.promote_read_replica` step, its rules, and its states."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.api import (
    DocumentProblem,
    Fragment,
    PollInterval,
    RunDirection,
    Slug,
    StepContext,
    StepModel,
    StepScope,
    build_single_wait,
)
from leeward_rds_promote.documents.replica import ReadReplicaComponent


class PromoteReadReplicaStep(StepModel):
    """Promote the read replica in the target Region, and wait until it takes writes. This can't be undone."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=30)
    default_policy: ClassVar[str] = "ask"

    kind: Literal["rds.promote_read_replica"]
    component: Slug = Field(description="The rds.read_replica component")


def check_step(step: PromoteReadReplicaStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the component exists, and that the target Region has the replica."""
    yield from scope.check_component(step.component, ReadReplicaComponent, "component")
    if scope.direction is RunDirection.FAILBACK:
        yield scope.location.child("kind").problem(
            "the replica is in the standby Region, and a failback enters the primary", expected="direction: failover"
        )


def compile_step(step: PromoteReadReplicaStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    component = context.application.component(step.component, ReadReplicaComponent)
    region = context.run_regions.target
    instance = component.instances[region]
    return build_single_wait(
        context,
        "rds_promote_read_replica",
        {"instance": instance, "region": region},
        PollInterval(first_seconds=15, longest_seconds=60),
        f"Promote {instance} in {region}, or see how far the promotion is",
    )
