"""Reads the roles of functions from synthesized templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leeward.twin.errors import TwinError
from leeward.twin.policies.evaluation.policy_documents import read_statements
from leeward.twin.policies.function_role import FunctionRole
from leeward.twin.templates.cloud_assembly import CloudAssembly, TemplateResource

ROLE_TYPE, POLICY_TYPE, MANAGED_POLICY_TYPE = "AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"


def read_function_roles(assembly: CloudAssembly, functions: Iterable[TemplateResource]) -> dict[str, FunctionRole]:
    """Return the roles of the functions, by ARN.

    Raises TwinError for a function whose role is in no template.
    """
    policies = _policies_by_role(assembly)
    roles = {}
    for function in functions:
        arn = str(function.properties["Role"])
        if arn not in policies:
            raise TwinError(f"{function.name}: its role {arn} is in none of the templates")
        roles[arn] = FunctionRole(arn, read_statements(policies[arn]))
    return roles


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
