"""Evaluates each call of a Lambda function against the function's IAM role, and records what it used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leeward.twin.interception.calls.aws_calls import CallTarget
from leeward.twin.policies.evaluation.action_rules import FREE_ACTIONS, CallLocation
from leeward.twin.policies.evaluation.policy_conditions import ConditionContext, UnsupportedPolicy
from leeward.twin.policies.evaluation.policy_documents import (
    AuthorizationRequest,
    PolicyStatement,
    evaluate_statements,
)
from leeward.twin.policies.evaluation.required_permissions import (
    build_requests,
    build_unmapped_request,
    has_rule,
    iam_action,
)
from leeward.twin.policies.function_role import FunctionRole
from leeward.twin.policies.resource_tags import find_tags


@dataclass(frozen=True, slots=True)
class UsedPermission:
    """A permission that a call required and a role allowed. `task` is the function's label."""

    task: str
    region: str
    action: str
    resource: str


@dataclass(frozen=True, slots=True)
class DeniedCall:
    """A call that the role does not allow. `role` is the role's ARN."""

    at: datetime
    function: str
    region: str
    action: str
    resource: str
    role: str
    is_explicit: bool

    def __str__(self) -> str:
        return f"{self.function} in {self.region} may not {self.action} on {self.resource}"

    def describe(self, account: str) -> str:
        """Return the text of AWS's error (IAM User Guide, "Troubleshoot access denied error messages")."""
        role = self.role.rpartition("/")[2]
        reason = (
            "with an explicit deny in an identity-based policy"
            if self.is_explicit
            else f"because no identity-based policy allows the {self.action} action"
        )
        return (
            f"User: arn:aws:sts::{account}:assumed-role/{role}/{self.function} is not authorized to perform: "
            f"{self.action} on resource: {self.resource} {reason}"
        )


@dataclass
class CallAuthorizer:
    """Authorizes calls by the role of the calling function.

    - `roles` are the known roles, by ARN. A function with any other role is denied every call.
    - `find_role` returns the ARN of a function's role by the function's Region and name. None means that the function
      has no role on the twin and may make any call.
    - `label_function` returns the label under which a function's permissions are recorded, by default its name.
    - `now` returns the virtual time.
    """

    account: str
    roles: Mapping[str, FunctionRole]
    find_role: Callable[[str, str], str | None]
    now: Callable[[], datetime]
    label_function: Callable[[str], str] = str
    used_permissions: set[UsedPermission] = field(default_factory=set)
    denied_calls: list[DeniedCall] = field(default_factory=list)
    unsupported_policies: list[str] = field(default_factory=list)
    """Policies that could not be evaluated. The call then fails with UnsupportedPolicy."""

    def __call__(self, function: str, region: str, target: CallTarget, parameters: Mapping[str, Any]) -> str | None:
        """Return why the function's role in `region` denies the call, or None if it allows it.

        Raises UnsupportedPolicy for a call that can't be evaluated.
        """
        arn = self.find_role(region, function)
        action = iam_action(target.service, target.operation)
        if arn is None or action in FREE_ACTIONS:
            return None
        role = self.roles.get(arn) or FunctionRole(arn, ())
        try:
            for request in self._build_requests(role, action, parameters, target.region):
                denied = self._evaluate(role, function, region, request)
                if denied is not None:
                    self.denied_calls.append(denied)
                    return denied.describe(self.account)
        except UnsupportedPolicy as error:
            self.unsupported_policies.append(str(error))
            raise
        return None

    def simulate(self, role: str, action: str, resource: str, context: ConditionContext) -> bool:
        """Return whether the role would be allowed the action, as iam:SimulatePrincipalPolicy does. Record nothing."""
        keys = {"aws:resourceaccount": [self.account], **context}
        request = AuthorizationRequest(action, resource, keys)
        return role in self.roles and evaluate_statements(self.roles[role].statements, request).allowed

    def _build_requests(
        self, role: FunctionRole, action: str, parameters: Mapping[str, Any], called_region: str
    ) -> Iterable[AuthorizationRequest]:
        location = CallLocation(called_region, self.account)
        if has_rule(action):
            find = self._find_tags if role.depends_on("aws:resourcetag/") else _no_tags
            return build_requests(action, parameters, location, find)
        _require_decidable(role.covering_statements(action), action)
        return [build_unmapped_request(action, parameters, location)]

    def _evaluate(
        self, role: FunctionRole, function: str, region: str, request: AuthorizationRequest
    ) -> DeniedCall | None:
        decision = evaluate_statements(role.covering_statements(request.action), request)
        if not decision.allowed:
            is_explicit = decision.statement_index is not None
            return DeniedCall(
                self.now(), function, region, request.action, request.resource, role.arn, is_explicit=is_explicit
            )
        used = UsedPermission(self.label_function(function), region, request.action, request.resource)
        self.used_permissions.add(used)
        return None

    def _find_tags(self, arn: str) -> Mapping[str, str] | None:
        return find_tags(self.account, arn)


def _no_tags(_arn: str) -> None:
    return None


def _require_decidable(covering: Sequence[PolicyStatement], action: str) -> None:
    """Raise UnsupportedPolicy if a statement on the action names resources, because the call's are unknown."""
    if any(each.not_resources or set(each.resources) != {"*"} for each in covering):
        raise UnsupportedPolicy(
            f"the twin has no rule for the resources of {action}, which a role limits. Add it to ACTION_RULES"
        )
