"""What every stack is given: its name, where it stands, what it belongs to."""

from __future__ import annotations

from typing import Any

from aws_cdk import Environment

from leeward.common import names
from leeward.infra.plan import Plan


def given(plan: Plan, what: str, region: str, description: str, *, shared: bool = False) -> dict[str, Any]:
    """Keyword arguments of a stack: `leeward-<application>-<what>`. One that is `shared` by the Regions is there once,
    and is not told of a Region of its own."""
    stack = f"{names.of_application(plan.name)}-{what}"
    return {
        "name": stack if shared else f"{stack}-{region}",
        "stack_name": stack,
        "description": f"Leeward, {plan.name}: {description}",
        "env": Environment(account=plan.application.account, region=region),
        "plan": plan,
    } | ({} if shared else {"region": region})
