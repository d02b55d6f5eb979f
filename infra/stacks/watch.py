"""`leeward-<application>-watch`: a Region that is neither of the application's two, and looks at its origin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import Stack
from constructs import Construct

from leeward.infra.parts.functions import Assets, TaskFunctions, task_environment
from leeward.infra.permissions import Deployed, permissions_of
from leeward.infra.plan import Plan
from leeward.infra.stacks.triggers import probe_origins


class WatchStack(Stack):
    """The probe, and what calls it every minute."""

    def __init__(
        self, scope: Construct, name: str, *, plan: Plan, region: str, code: Path, layer: Path, **stack: Any
    ) -> None:
        super().__init__(scope, name, **stack)
        at = Deployed.named(plan.application, region)
        TaskFunctions(
            self,
            "tasks",
            plan=plan,
            assets=Assets.of(self, code, layer),
            environment=task_environment(plan, Deployed.named(plan.application, plan.application.regions.standby)),
            permissions=permissions_of(at, plan.runbooks),
        )
        probe_origins(self, plan, region)
