"""The service `drs`, added to moto."""

from __future__ import annotations

from twin.aws.drs.configuration_operations import ConfigurationOperations
from twin.aws.drs.instance_operations import InstanceOperations
from twin.aws.drs.job_operations import JobOperations
from twin.aws.drs.server_operations import ServerOperations
from twin.aws.drs.tag_operations import TagOperations
from twin.aws.plugin import add_service


class DrsBackend(ServerOperations, JobOperations, InstanceOperations, ConfigurationOperations, TagOperations):
    """Elastic Disaster Recovery in one Region of one account. Recovery Plans and source networks are not simulated."""


DRS = add_service("drs", DrsBackend)
