"""Adds an application's own stacks, where its environment names a module that makes them."""

from __future__ import annotations

import importlib
import sys

from aws_cdk import App

from leeward.infra.inputs.deployment_plan import DeploymentPlan, NotDeployable
from leeward.infra.packaging.lambda_target import PROJECT_ROOT


def add_application_stacks(app: App, plan: DeploymentPlan) -> None:
    """Call `add_stacks(app, plan)` of the module that the environment names for the application, if it names one.

    Most applications are deployed elsewhere and name none. Raises NotDeployable when the module cannot be used.
    """
    name = plan.settings.stacks
    if name is None:
        return
    if str(PROJECT_ROOT) not in sys.path:
        sys.path.append(str(PROJECT_ROOT))
    try:
        add_stacks = importlib.import_module(name).add_stacks
    except (ImportError, AttributeError) as error:
        raise NotDeployable(
            f"infra/environments/{plan.environment.environment}.yaml: applications.{plan.name}.stacks names {name}, "
            f"which cannot be used: {error}. Name a module of this project that has add_stacks(app, plan), or leave "
            "`stacks` out if the application is deployed elsewhere"
        ) from error
    add_stacks(app, plan)
