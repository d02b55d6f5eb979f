"""Adds an application's own stacks, if its environment has a module that creates them."""

from __future__ import annotations

import importlib
import sys

from aws_cdk import App

from leeward.base.installation.project_folders import find_project
from leeward.infra.inputs.deployment_plan import DeploymentPlan, NotDeployable


def add_application_stacks(app: App, plan: DeploymentPlan) -> None:
    """Call `add_stacks(app, plan)` of the module that the environment sets for the application, if any.

    Most applications are deployed elsewhere and have no such module. Raises NotDeployable when the module can't be
    used.
    """
    name = plan.settings.stacks
    if name is None:
        return
    root = str(find_project().root)
    if root not in sys.path:
        sys.path.append(root)
    try:
        add_stacks = importlib.import_module(name).add_stacks
    except (ImportError, AttributeError) as error:
        raise NotDeployable(
            f"infra/environments/{plan.environment.environment}.yaml: applications.{plan.name}.stacks names {name}, "
            f"which cannot be used: {error}. Name a module of this project that has add_stacks(app, plan), or leave "
            "`stacks` out if the application is deployed elsewhere"
        ) from error
    add_stacks(app, plan)
