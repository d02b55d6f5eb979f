"""Environments: an account, and what is particular to it. Read from YAML; an error names place, problem and mend."""

from leeward.infra.inputs.environment_document import ApplicationSettings, DeploymentEnvironment, HostedZone
from leeward.infra.inputs.environment_loader import InvalidEnvironment, load_environment

__all__ = ["ApplicationSettings", "DeploymentEnvironment", "HostedZone", "InvalidEnvironment", "load_environment"]
