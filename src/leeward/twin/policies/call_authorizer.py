"""Evaluates each call of a deployed function against its IAM role in the templates, and records what it used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from leeward.twin.errors import TwinError
from leeward.twin.interception.calls.aws_calls import CallTarget
from leeward.twin.policies.evaluation.policy_conditions import ConditionContext, UnsupportedPolicy
from leeward.twin.policies.evaluation.policy_documents import (
    AuthorizationRequest,
    PolicyStatement,
    evaluate_statements,
    read_statements,
)
from leeward.twin.policies.evaluation.required_permissions import (
    UNSIGNED_ACTIONS,
    CallLocation,
    build_requests,
    iam_action,
)
from leeward.twin.policies.resource_tags import find_tags
from leeward.twin.templates.cloud_assembly import CloudAssembly, TemplateResource

ROLE_TYPE, POLICY_TYPE, MANAGED_POLICY_TYPE = "AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"


@dataclass(frozen=True, slots=True)
class UsedPermission:
    """A permission that a call required and a role allowed. `task` is the function's label."""

    task: str
    region: str
    action: str
    resource: str


@dataclass(frozen=True, slots=True)
class DeniedCall:
    """A call that the role does not allow."""

    function: str
    region: str
    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.function} in {self.region} may not {self.action} on {self.resource}"


@dataclass
class CallAuthorizer:
    """Authorizes calls by the role of the calling function. Statements are stored by Region and function name."""

    account: str
    statements_by_function: Mapping[tuple[str, str], list[PolicyStatement]]
    used_permissions: set[UsedPermission] = field(default_factory=set)
    denied_calls: list[DeniedCall] = field(default_factory=list)
    unsupported_policies: list[str] = field(default_factory=list)
    """Policies that could not be evaluated. The call then fails with UnsupportedPolicy."""
    statements_by_role: Mapping[str, list[PolicyStatement]] = field(default_factory=dict)
    """The statements of each role, by its ARN."""
    label_function: Callable[[str], str] = str
    """The label under which a function's permissions are recorded, for example the task that it runs."""

    @classmethod
    def from_templates(
        cls,
        assembly: CloudAssembly,
        functions: Iterable[TemplateResource],
        label_function: Callable[[str], str] = str,
    ) -> CallAuthorizer:
        """Read the functions' roles from the templates.

        `label_function` returns the label under which a function's permissions are recorded, by default its name.
        Raises TwinError for a function whose role is in no template.
        """
        policies = _policies_by_role(assembly)
        by_role: dict[str, list[PolicyStatement]] = {}
        by_function: dict[tuple[str, str], list[PolicyStatement]] = {}
        account = ""
        for function in functions:
            role = str(function.properties["Role"])
            if role not in policies:
                raise TwinError(f"{function.name}: its role {role} is in none of the templates")
            by_function[function.region, function.name] = by_role[role] = read_statements(policies[role])
            account = function.stack.account
        return cls(account, by_function, statements_by_role=by_role, label_function=label_function)

    def __call__(self, function: str, region: str, target: CallTarget, parameters: Mapping[str, Any]) -> bool:
        """Return whether the function's role in `region` allows the call. Raises UnsupportedPolicy."""
        statements = self.statements_by_function.get((region, function))
        action = iam_action(target.service, target.operation)
        if statements is None or action in UNSIGNED_ACTIONS:
            return True  # a function without a role in the templates, or a call without a signature
        location, tags = CallLocation(target.region, self.account), partial(find_tags, self.account)
        try:
            return self._is_allowed(function, region, statements, build_requests(action, parameters, location, tags))
        except UnsupportedPolicy as error:
            self.unsupported_policies.append(str(error))
            raise

    def simulate(self, role: str, action: str, resource: str, context: ConditionContext) -> bool:
        """Return whether the role would be allowed the action, as iam:SimulatePrincipalPolicy does. Record nothing."""
        keys = {"aws:resourceaccount": [self.account], **context}
        return (
            role in self.statements_by_role
            and evaluate_statements(self.statements_by_role[role], AuthorizationRequest(action, resource, keys)).allowed
        )

    def _is_allowed(
        self,
        function: str,
        region: str,
        statements: Sequence[PolicyStatement],
        requests: Iterable[AuthorizationRequest],
    ) -> bool:
        for request in requests:
            if not evaluate_statements(statements, request).allowed:
                self.denied_calls.append(DeniedCall(function, region, request.action, request.resource))
                return False
            self.used_permissions.add(
                UsedPermission(self.label_function(function), region, request.action, request.resource)
            )
        return True


def _policies_by_role(assembly: CloudAssembly) -> dict[str, list[Mapping[str, Any]]]:
    """Return the inline and attached policy documents of each role, by the role's ARN."""
    documents: dict[str, list[Mapping[str, Any]]] = {}
    by_name: dict[str, str] = {}
    for role in assembly.resources(ROLE_TYPE):
        documents[role.arn] = [each["PolicyDocument"] for each in role.properties.get("Policies", ())]
        by_name[role.name] = role.arn
    for policy in assembly.resources(POLICY_TYPE, MANAGED_POLICY_TYPE):
        for name in policy.properties.get("Roles", ()):
            documents[by_name[name]].append(policy.properties["PolicyDocument"])
    return documents
