"""One module per step kind: its model, its rules, its states, and its undo. They share only `step_kind.py`.

A new kind is a module in this package, a name in `AnyStep`, and an entry in `_ALL_KINDS`. Steps may import application,
components, fields, asl, fragments, and rules. The packages load, validate, and compile import steps.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Field

from leeward.state_machines.rules.step_scope import kind_name
from leeward.state_machines.steps import (
    alb_deregister,
    alb_register,
    api_fence,
    api_in_service,
    api_out_of_service,
    api_transaction,
    api_unfence,
    approval_request,
    arc_route,
    drs_await_replication,
    drs_discard,
    drs_fail_back,
    drs_launch_into,
    drs_protect,
    drs_recover,
    drs_recovery_plan,
    drs_retire,
    drs_reverse,
    drs_terminate,
    dynamodb_await_replication,
    dynamodb_check_replicas,
    ec2_terminate,
    http_check,
    lambda_invoke,
    lock,
    notify,
    preflight,
    route53_shift,
    route53_weights,
    wait,
)
from leeward.state_machines.steps.step_kind import StepKind, StepModel

AnyStep: TypeAlias = Annotated[
    lock.LockStep
    | preflight.PreflightStep
    | approval_request.ApprovalRequestStep
    | drs_recover.DrsRecoverStep
    | drs_fail_back.DrsFailBackStep
    | drs_launch_into.DrsLaunchIntoStep
    | drs_recovery_plan.DrsRecoveryPlanStep
    | drs_protect.DrsProtectStep
    | drs_reverse.DrsReverseStep
    | drs_await_replication.DrsAwaitReplicationStep
    | drs_terminate.DrsTerminateStep
    | drs_discard.DrsDiscardStep
    | drs_retire.DrsRetireStep
    | ec2_terminate.Ec2TerminateStep
    | alb_register.AlbRegisterStep
    | alb_deregister.AlbDeregisterStep
    | http_check.HttpCheckStep
    | arc_route.ArcRouteStep
    | route53_weights.Route53WeightsStep
    | route53_shift.Route53ShiftStep
    | dynamodb_check_replicas.DynamodbCheckReplicasStep
    | dynamodb_await_replication.DynamodbAwaitReplicationStep
    | api_fence.ApiFenceStep
    | api_unfence.ApiUnfenceStep
    | api_out_of_service.ApiOutOfServiceStep
    | api_in_service.ApiInServiceStep
    | api_transaction.ApiTransactionStep
    | notify.NotifyStep
    | wait.TimedWaitStep
    | lambda_invoke.LambdaInvokeStep,
    Field(discriminator="kind"),
]

_ALL_KINDS: tuple[StepKind[Any], ...] = (
    lock.KIND,
    preflight.KIND,
    approval_request.KIND,
    drs_recover.KIND,
    drs_fail_back.KIND,
    drs_launch_into.KIND,
    drs_recovery_plan.KIND,
    drs_protect.KIND,
    drs_reverse.KIND,
    drs_await_replication.KIND,
    drs_terminate.KIND,
    drs_discard.KIND,
    drs_retire.KIND,
    ec2_terminate.KIND,
    alb_register.KIND,
    alb_deregister.KIND,
    http_check.KIND,
    arc_route.KIND,
    route53_weights.KIND,
    route53_shift.KIND,
    dynamodb_check_replicas.KIND,
    dynamodb_await_replication.KIND,
    api_fence.KIND,
    api_unfence.KIND,
    api_out_of_service.KIND,
    api_in_service.KIND,
    api_transaction.KIND,
    notify.KIND,
    wait.KIND,
    lambda_invoke.KIND,
)
KINDS: dict[str, StepKind[Any]] = {kind_name(kind.model): kind for kind in _ALL_KINDS}


def kind_of(step: StepModel) -> StepKind[Any]:
    """Return the kind of `step`."""
    return KINDS[kind_name(type(step))]


__all__ = ["KINDS", "AnyStep", "StepKind", "StepModel", "kind_of"]
