"""IAM roles from plain statements. Each wildcard resource is acknowledged with its reason."""

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
    """Create a role that only `service` can assume for this account, with exactly these permissions inline.

    `path` is the application and the role's name within it. Guardrails recognize roles by their path
    (infra/guardrails/scp.json).
    """
    statements = [iam.PolicyStatement.from_json(dict(statement)) for statement in merge_statements(permissions)]
    role = iam.Role(
        scope,
        name,
        assumed_by=iam.ServicePrincipal(service, conditions={"StringEquals": {"aws:SourceAccount": account}}),
        path=f"/leeward/{'/'.join(path)}/",
        description=description,
        inline_policies={"own": iam.PolicyDocument(statements=statements, minimize=False)},
    )
    for finding, reason in sorted(_wide_findings(permissions).items()):
        Validations.of(role).acknowledge(Acknowledgment(id=f"AwsSolutions-IAM5[{finding}]", reason=reason))
    return role


def _wide_findings(permissions: Sequence[Permission]) -> dict[str, str]:
    """Return the reasons for each wildcard resource, by cdk-nag's name of the finding."""
    reasons_by_finding: dict[str, list[str]] = {}
    for permission in permissions:
        for resource in permission.resources:
            if WILDCARD in resource:
                reason = f"{', '.join(permission.actions)}: {permission.reason}"
                reasons = reasons_by_finding.setdefault(f"Resource::{resource}", [])
                if reason not in reasons:
                    reasons.append(reason)
    return {finding: "; ".join(reasons) for finding, reasons in reasons_by_finding.items()}
