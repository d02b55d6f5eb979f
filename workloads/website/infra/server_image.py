"""Finds the server image in the website's environment."""

from __future__ import annotations

from leeward.infra.inputs.deployment_plan import DeploymentPlan, NotDeployable


def find_server_image(plan: DeploymentPlan) -> str:
    """Return the image (AMI) of the servers. Raises NotDeployable when the environment has none."""
    image = plan.settings.image
    if image is None:
        raise NotDeployable(
            f"infra/environments/{plan.environment.environment}.yaml: the servers of {plan.name} need an image. Add "
            f"applications.{plan.name}.image, an AMI for x86_64 in {plan.application.regions.primary}"
        )
    return image
