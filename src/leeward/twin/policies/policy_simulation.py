"""Adds `iam:SimulatePrincipalPolicy` to moto, answered as the call authorizer evaluates a role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse

from leeward.twin.patching.attribute_replacement import add_attribute
from leeward.twin.policies.evaluation.policy_conditions import ConditionContext

# Takes the role's ARN, an action, a resource, and the condition keys. Returns whether the action is allowed.
PolicySimulator = Callable[[str, str, str, ConditionContext], bool]

_simulator: PolicySimulator | None = None


def set_simulator(simulator: PolicySimulator | None) -> None:
    """Set the function that decides. With None, every role is allowed everything, as without templates."""
    global _simulator  # noqa: PLW0603 - moto's responses have no reference to the engine
    _simulator = simulator


def add_policy_simulation() -> None:
    """Add the operation, which moto lacks."""
    add_attribute(IamResponse, "simulate_principal_policy", _simulate_principal_policy)


def _simulate_principal_policy(self: Any) -> Any:
    role = str(self._get_param("PolicySourceArn"))
    context = {
        str(entry["ContextKeyName"]).lower(): [str(value) for value in entry.get("ContextKeyValues", ())]
        for entry in self._get_param("ContextEntries", [])
    }
    results = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": "allowed"
            if _simulator is None or _simulator(role, action, resource, context)
            else "implicitDeny",
        }
        for action in self._get_param("ActionNames")
        for resource in self._get_param("ResourceArns", ["*"])
    ]
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})
