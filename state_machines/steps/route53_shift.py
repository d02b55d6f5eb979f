"""`route53.shift`: move users by DNS weights in stages, and roll back automatically when errors rise.

A change of weights needs Route 53's control plane in us-east-1. Use it for planned moves, such as a failback or a
release.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from leeward.kinds.descriptors.effects import Effect
from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.route53_weighted_records import WeightedRecordsComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Duration, Slug
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.kind_advice import name_kinds
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.plan_values import StatedTime
from leeward.state_machines.step_kinds.step_effects import StepEffect, UserMove
from leeward.state_machines.step_kinds.step_model import StepModel

_POLL_INTERVAL = PollInterval(first_seconds=10, longest_seconds=30)
_ALL_PERCENT = 100
# CloudWatch has API Gateway's metrics per minute, each with a delay of a minute or two.
_MIN_BAKE = timedelta(minutes=3)
# Monitoring of a stage starts at the first full minute after its share is set.
_METRIC_PERIOD = timedelta(minutes=1)
Percent = Annotated[int, Field(ge=0, le=_ALL_PERCENT)]


class Route53ShiftStep(StepModel):
    """Route each share of users to the target in turn, or keep all users in the origin (`stages: [0]`) until the target
    is ready.

    After each stage, watch the target's API for the bake time. When more than `most_errors` percent of its responses
    are 5xx, the step fails, and its policy `undo` routes all users back.
    """

    default_timeout: ClassVar[timedelta] = timedelta(minutes=40)
    default_policy: ClassVar[str] = "undo"

    kind: Literal["route53.shift"]
    component: Slug = Field(description="The route53.weighted_records component")
    stages: Annotated[tuple[Percent, ...], Field(min_length=1, max_length=10)] = Field(
        (10, 50, _ALL_PERCENT), description="The target's share of users in percent, increasing to 100"
    )
    bake: Duration = Field(timedelta(minutes=5), description="How long to watch each stage, at least 3m")
    most_errors: Annotated[float, Field(ge=0, le=_ALL_PERCENT)] = Field(
        1.0, description="The share of 5xx responses, in percent, above which all users are routed back"
    )

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (UserMove(() if holds_origin(self) else ("target",)),)


def check(step: Route53ShiftStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the records have an API to watch, that the stages increase to 100, and that the timeout is long
    enough.
    """
    yield from scope.check_component(step.component, WeightedRecordsComponent, "component")
    records = scope.application.components.get(step.component)
    if isinstance(records, WeightedRecordsComponent) and records.health is None:
        yield scope.location.child("component").problem(
            f'"{step.component}" has no API whose errors can be watched', expected="health: in that component"
        )
    if holds_origin(step):
        return
    if list(step.stages) != sorted(set(step.stages)) or step.stages[0] == 0 or step.stages[-1] != _ALL_PERCENT:
        yield scope.location.child("stages").problem(
            f"the stages {list(step.stages)} do not increase to 100",
            expected="[10, 50, 100], or [0] to hold the origin",
        )
    if step.bake < _MIN_BAKE:
        yield scope.location.child("bake").problem(
            "the bake time is too short for metrics that arrive once a minute with a delay", expected="at least 3m"
        )
    elif (step.bake + _METRIC_PERIOD) * len(step.stages) >= step.attempt_timeout:
        yield scope.location.child("timeout").problem(
            "the step's timeout is not longer than all its bake times, each rounded up to whole minutes",
            expected="more than stages x (bake + 1m)",
        )
    if scope.direction is RunDirection.FAILOVER:
        yield scope.location.child("kind").warning(
            "route53.shift depends on the Route 53 control plane in us-east-1, and is slow",
            hint=f"prefer {name_kinds(Effect.MOVES_USERS, data_planes_only=True)}: it needs data planes only",
        )


def compile(step: Route53ShiftStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    plane = "Depends on the Route 53 control plane in us-east-1"
    comment = f"Route users to {context.run_regions.target} in stages. {plane}"
    if holds_origin(step):
        comment = f"Route no users to {context.run_regions.target}, whatever its health. {plane}"
    stages: list[Json] = [*step.stages]
    watch: JsonObject = {
        "stages": stages,
        "bake_seconds": 0 if holds_origin(step) else int(step.bake.total_seconds()),
        "most_errors_percent": float(step.most_errors),
    }
    return _shift_wait(step, context, watch, comment)


def undo(step: Route53ShiftStep, context: StepContext) -> Fragment:
    """Build one poll loop that routes all users back at once, without watching."""
    watch: JsonObject = {"stages": [0], "bake_seconds": 0, "most_errors_percent": float(_ALL_PERCENT)}
    return _shift_wait(step, context, watch, f"Route all users back to {context.run_regions.origin} at once")


def _shift_wait(step: Route53ShiftStep, context: StepContext, watch: JsonObject, comment: str) -> Fragment:
    records = context.application.component(step.component, WeightedRecordsComponent)
    api = context.application.component(records.health or "", RestApiComponent)
    sides: list[Json] = [
        {"set_identifier": records.set_identifiers[region], "value": records.values[region]}
        for region in (context.run_regions.target, context.run_regions.origin)
    ]
    parameters: dict[str, Json] = {
        "hosted_zone": records.hosted_zone,
        "record": records.record,
        "type": records.type,
        "ttl": int(records.ttl.total_seconds()),
        "target": sides[0],
        "origin": sides[1],
        "api": api.name,
        "stage": api.stage,
        "region": context.run_regions.target,
        **watch,
    }
    return build_single_wait(context, "route53_shift", parameters, _POLL_INTERVAL, comment)


def stated_time(step: Route53ShiftStep) -> StatedTime:
    """Return the bake times. A step that is watched for longer is slower by about a fifth."""
    bake_seconds = step.bake.total_seconds() * len(step.stages)
    limit = step.attempt_timeout.total_seconds()
    return StatedTime(min(bake_seconds, limit), min(bake_seconds * 1.2, limit), "the document's bake times")


def holds_origin(step: Route53ShiftStep) -> bool:
    """Return whether the step keeps users in the Region that serves them. A rollback correctly leaves them there."""
    return step.stages == (0,)


def moves_users(step: Route53ShiftStep) -> bool:
    """Return whether the step routes users to the target."""
    return not holds_origin(step)
