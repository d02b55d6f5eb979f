"""What the website needs of an environment."""

from __future__ import annotations

from leeward.infra.inputs.deployment_plan import DeploymentPlan, NotDeployable


def find_server_image(plan: DeploymentPlan) -> str:
    """The image that the servers start from. Raises CannotDeploy where the environment names none."""
    image = plan.settings.image
    if image is None:
        raise NotDeployable(
            f"infra/environments/{plan.environment.environment}.yaml: the servers of {plan.name} need an image: add "
            f"applications.{plan.name}.image, an AMI for x86_64 in {plan.application.regions.primary}"
        )
    return image
