"""`leeward-<application>-watch`: probes the origin from a Region that is neither of the application's two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import Stack
from constructs import Construct

from leeward.infra.constructs.task_functions import TaskAssets, TaskFunctions, build_task_environment
from leeward.infra.inputs.deployment_plan import DeploymentPlan
from leeward.infra.permissions import RegionResources, collect_permissions
from leeward.infra.stacks.triggers_stack import add_origin_probes


class OriginWatchStack(Stack):
    """The probe function and the rules that invoke it every minute."""

    def __init__(
        self, scope: Construct, name: str, *, plan: DeploymentPlan, region: str, code: Path, layer: Path, **stack: Any
    ) -> None:
        super().__init__(scope, name, **stack)
        resources = RegionResources.from_names(plan.application, region)
        TaskFunctions(
            self,
            "tasks",
            plan=plan,
            assets=TaskAssets.from_archives(self, code, layer),
            environment=build_task_environment(
                plan, RegionResources.from_names(plan.application, plan.application.regions.standby)
            ),
            permissions=collect_permissions(resources, plan.runbooks),
        )
        add_origin_probes(self, plan, region)
