"""What the website needs of an environment."""

from __future__ import annotations

from leeward.infra.plan import CannotDeploy, Plan


def settings_of(plan: Plan) -> str:
    """The image that the servers start from. Raises CannotDeploy where the environment names none."""
    image = plan.settings.image
    if image is None:
        raise CannotDeploy(
            f"infra/environments/{plan.environment.environment}.yaml: the servers of {plan.name} need an image: add "
            f"applications.{plan.name}.image, an AMI for x86_64 in {plan.application.regions.primary}"
        )
    return image
