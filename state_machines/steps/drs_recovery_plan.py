"""`drs.recovery_plan`: run a native DRS Recovery Plan as one step, for teams that have one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.single import one_wait
from leeward.state_machines.compile.waiting import Pace
from leeward.state_machines.documents.direction import Direction
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import Launch, StepKind, StepModel
from leeward.state_machines.validate.arns import check_arn
from leeward.state_machines.validate.scope import StepScope

_PACE = Pace(first_seconds=15, longest_seconds=30)
_ID = re.compile(r"rplan-[0-9a-zA-Z]+")


def _plan(text: str) -> str:
    if not text.startswith("arn:") and not _ID.fullmatch(text):
        raise ValueError(f'"{text}" is not a recovery plan; expected its id, rplan-..., or its ARN')
    return text


Plan = Annotated[str, AfterValidator(_plan), WithJsonSchema({"type": "string", "pattern": "^(rplan-|arn:)"})]


class RecoveryPlan(StepModel):
    """Start the plan once and follow its steps; a plan step that fails or runs out of time fails this step."""

    default_timeout: ClassVar[timedelta] = timedelta(hours=2)

    kind: Literal["drs.recovery_plan"]
    plan: Plan = Field(description="The plan in the target Region: its id, rplan-..., or its ARN")
    mode: Literal["recovery", "drill"] = Field("recovery", description="A drill's instances are marked as such")


def check(step: RecoveryPlan, scope: StepScope) -> Iterator[Problem]:
    """The ARN is of a plan in the target Region; a plan does not fail back."""
    place = scope.place.at("plan")
    if step.plan.startswith("arn:"):
        try:
            yield from check_arn(
                step.plan, place, scope.application, service="drs", resource="recovery-plan", region=scope.way.target
            )
        except ValueError as error:
            yield place.problem(str(error))
    if scope.direction is Direction.FAILBACK:
        yield scope.place.at("kind").problem(
            "a DRS Recovery Plan cannot fail back", expected="drs.fail_back, or direction: failover"
        )


def compile(step: RecoveryPlan, context: Context) -> Fragment:
    """One wait."""
    parameters: JsonObject = {"plan_id": step.plan, "mode": step.mode, "region": context.way.target}
    comment = "Start the recovery plan, or find the execution that an earlier call started, and follow its steps"
    return one_wait(context, "drs_recovery_plan", parameters, _PACE, comment)


def _launch(step: RecoveryPlan) -> Launch:
    return Launch((), "target", drill=step.mode == "drill")


KIND = StepKind(RecoveryPlan, compile, check=check, changes=True, launch=_launch)
