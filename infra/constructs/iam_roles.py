"""Roles, from plain IAM statements, with each wide one acknowledged by its own reason."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct

from leeward.infra.permissions.grants.permission import WILDCARD, Permission
from leeward.infra.permissions.role_policy import merge_statements


def create_role(
    scope: Construct,
    name: str,
    service: str,
    permissions: Sequence[Permission],
    description: str,
    *,
    path: tuple[str, str],
    account: str,
) -> iam.Role:
    """A role that `service` may take for this account alone, with these permissions inline and no others.

    `path`: the application, and which of its roles this is. Guardrails know roles by it (infra/guardrails/scp.json).
    """
    statements = [iam.PolicyStatement.from_json(dict(statement)) for statement in merge_statements(permissions)]
    made = iam.Role(
        scope,
        name,
        assumed_by=iam.ServicePrincipal(service, conditions={"StringEquals": {"aws:SourceAccount": account}}),
        path=f"/leeward/{'/'.join(path)}/",
        description=description,
        inline_policies={"own": iam.PolicyDocument(statements=statements, minimize=False)},
    )
    for finding, why in sorted(_wide_findings(permissions).items()):
        Validations.of(made).acknowledge(Acknowledgment(id=f"AwsSolutions-IAM5[{finding}]", reason=why))
    return made


def _wide_findings(permissions: Sequence[Permission]) -> dict[str, str]:
    """cdk-nag's name of each wide resource -> the reasons of those permissions that name it."""
    found: dict[str, list[str]] = {}
    for permission in permissions:
        for resource in permission.resources:
            if WILDCARD in resource:
                told = f"{', '.join(permission.actions)}: {permission.reason}"
                reasons = found.setdefault(f"Resource::{resource}", [])
                if told not in reasons:
                    reasons.append(told)
    return {finding: "; ".join(told) for finding, told in found.items()}
