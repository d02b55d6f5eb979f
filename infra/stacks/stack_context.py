"""What every stack is given: its name, where it stands, what it belongs to."""

from __future__ import annotations

from typing import Any

from aws_cdk import Environment

from leeward.common.naming import resource_names
from leeward.infra.inputs.deployment_plan import DeploymentPlan


def build_stack_arguments(
    plan: DeploymentPlan, suffix: str, region: str, description: str, *, is_shared: bool = False
) -> dict[str, Any]:
    """Keyword arguments of a stack: `leeward-<application>-<what>`. One that is `shared` by the Regions is there once,
    and is not told of a Region of its own."""
    stack = f"{resource_names.application_prefix(plan.name)}-{suffix}"
    return {
        "name": stack if is_shared else f"{stack}-{region}",
        "stack_name": stack,
        "description": f"Leeward, {plan.name}: {description}",
        "env": Environment(account=plan.application.account, region=region),
        "plan": plan,
    } | ({} if is_shared else {"region": region})
