"""`drs.recovery_plan`: run a native DRS Recovery Plan as one step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from leeward.kinds.descriptors.effects import Effect
from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.arn_rules import check_arn
from leeward.state_machines.rules.kind_advice import name_kinds
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import Launch, StepEffect
from leeward.state_machines.step_kinds.step_model import StepModel

_POLL_INTERVAL = PollInterval(first_seconds=15, longest_seconds=30)
_PLAN_ID_PATTERN = re.compile(r"rplan-[0-9a-zA-Z]+")


def _check_plan(text: str) -> str:
    if not text.startswith("arn:") and not _PLAN_ID_PATTERN.fullmatch(text):
        raise ValueError(f'"{text}" is not a recovery plan; expected its id, rplan-..., or its ARN')
    return text


PlanIdOrArn = Annotated[
    str, AfterValidator(_check_plan), WithJsonSchema({"type": "string", "pattern": "^(rplan-|arn:)"})
]


class DrsRecoveryPlanStep(StepModel):
    """Start the plan once and follow its steps. A plan step that fails or times out fails this step."""

    default_timeout: ClassVar[timedelta] = timedelta(hours=2)

    kind: Literal["drs.recovery_plan"]
    plan: PlanIdOrArn = Field(description="The plan in the target Region: its ID, rplan-..., or its ARN")
    mode: Literal["recovery", "drill"] = Field("recovery", description="A drill's instances are marked as such")

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (Launch((), "target", is_drill=self.mode == "drill"),)


def check(step: DrsRecoveryPlanStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the ARN is of a plan in the target Region, and that the runbook is not a failback."""
    location = scope.location.child("plan")
    if step.plan.startswith("arn:"):
        try:
            yield from check_arn(
                step.plan,
                location,
                scope.application,
                service="drs",
                resource="recovery-plan",
                region=scope.run_regions.target,
            )
        except ValueError as error:
            yield location.problem(str(error))
    if scope.direction is RunDirection.FAILBACK:
        yield scope.location.child("kind").problem(
            "a DRS Recovery Plan cannot fail back",
            expected=f"{name_kinds(Effect.OVERWRITES_ORIGIN)}, or direction: failover",
        )


def compile(step: DrsRecoveryPlanStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    parameters: JsonObject = {"plan_id": step.plan, "mode": step.mode, "region": context.run_regions.target}
    comment = "Start the recovery plan, or find the execution that an earlier call started, and follow its steps"
    return build_single_wait(context, "drs_recovery_plan", parameters, _POLL_INTERVAL, comment)
