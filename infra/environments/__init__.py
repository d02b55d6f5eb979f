"""Environments: an account, and what is particular to it. Read from YAML; an error names place, problem and mend."""

from leeward.infra.environments.load import InvalidEnvironment, load
from leeward.infra.environments.model import ApplicationSettings, Environment, HostedZone

__all__ = ["ApplicationSettings", "Environment", "HostedZone", "InvalidEnvironment", "load"]
