"""What a deployment is generated from: environments (an account and its settings, in YAML) and the deployment plan."""

from leeward.infra.inputs.environment_document import ApplicationSettings, DeploymentEnvironment, HostedZone
from leeward.infra.inputs.environment_loader import InvalidEnvironment, load_environment

__all__ = ["ApplicationSettings", "DeploymentEnvironment", "HostedZone", "InvalidEnvironment", "load_environment"]
