"""One module per step kind: its model, its rules, its states, its way back. They share `base.py` and nothing else.

A new kind is a module here, a name in `Step` and an entry in `KINDS`. Steps may import documents, components, asl, the
constructs of compile and the scope and ARN rules of validate; load, validate and compile import steps.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Field

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
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import kind_word

Step: TypeAlias = Annotated[
    lock.Lock
    | preflight.Preflight
    | approval_request.ApprovalRequest
    | drs_recover.Recover
    | drs_fail_back.FailBack
    | drs_launch_into.LaunchInto
    | drs_recovery_plan.RecoveryPlan
    | drs_protect.Protect
    | drs_reverse.Reverse
    | drs_await_replication.AwaitReplication
    | drs_terminate.Terminate
    | drs_discard.Discard
    | drs_retire.Retire
    | ec2_terminate.TerminateInstances
    | alb_register.Register
    | alb_deregister.Deregister
    | http_check.HttpCheck
    | arc_route.Route
    | route53_weights.Weights
    | route53_shift.Shift
    | dynamodb_check_replicas.CheckReplicas
    | dynamodb_await_replication.AwaitTable
    | api_fence.Fence
    | api_unfence.Unfence
    | api_out_of_service.OutOfService
    | api_in_service.InService
    | api_transaction.Transaction
    | notify.Notify
    | wait.Wait
    | lambda_invoke.Invoke,
    Field(discriminator="kind"),
]

_KINDS: tuple[StepKind[Any], ...] = (
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
KINDS: dict[str, StepKind[Any]] = {kind_word(kind.model): kind for kind in _KINDS}


def kind_of(step: StepModel) -> StepKind[Any]:
    """The kind of `step`."""
    return KINDS[kind_word(type(step))]


__all__ = ["KINDS", "Step", "StepKind", "StepModel", "kind_of"]
