"""One module per step kind: its model, its rules, its states, its way back. They share `base.py` and nothing else.

A new kind is a module here, a name in `Step` and an entry in `KINDS`. Steps may import documents, components, asl, the
constructs of compile and the scope and ARN rules of validate; load, validate and compile import steps.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Field

from state_machines.steps import (
    alb_register,
    approval_request,
    arc_route,
    drs_protect,
    drs_recover,
    http_check,
    lambda_invoke,
    lock,
    notify,
    preflight,
    route53_weights,
    wait,
)
from state_machines.steps.base import StepKind, StepModel
from state_machines.validate.scope import kind_word

Step: TypeAlias = Annotated[
    lock.Lock
    | preflight.Preflight
    | approval_request.ApprovalRequest
    | drs_recover.Recover
    | drs_protect.Protect
    | alb_register.Register
    | http_check.HttpCheck
    | arc_route.Route
    | route53_weights.Weights
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
    drs_protect.KIND,
    alb_register.KIND,
    http_check.KIND,
    arc_route.KIND,
    route53_weights.KIND,
    notify.KIND,
    wait.KIND,
    lambda_invoke.KIND,
)
KINDS: dict[str, StepKind[Any]] = {kind_word(kind.model): kind for kind in _KINDS}


def kind_of(step: StepModel) -> StepKind[Any]:
    """The kind of `step`."""
    return KINDS[kind_word(type(step))]


__all__ = ["KINDS", "Step", "StepKind", "StepModel", "kind_of"]
