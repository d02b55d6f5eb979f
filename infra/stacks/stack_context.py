"""The arguments that every stack has: its name, its Region, and its application."""

from __future__ import annotations

from typing import Any

from aws_cdk import Environment

from leeward.common.naming import resource_names
from leeward.infra.inputs.deployment_plan import DeploymentPlan


def build_stack_arguments(
    plan: DeploymentPlan, suffix: str, region: str, description: str, *, is_shared: bool = False
) -> dict[str, Any]:
    """Return a stack's keyword arguments. Its name is `leeward-<application>-<suffix>`.

    A stack with `is_shared` exists once for both Regions and gets no `region`.
    """
    stack = f"{resource_names.application_prefix(plan.name)}-{suffix}"
    return {
        "name": stack if is_shared else f"{stack}-{region}",
        "stack_name": stack,
        "description": f"Leeward, {plan.name}: {description}",
        "env": Environment(account=plan.application.account, region=region),
        "plan": plan,
    } | ({} if is_shared else {"region": region})
