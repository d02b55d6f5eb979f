"""The service `drs`, added to moto."""

from __future__ import annotations

from leeward.twin.aws.drs.configuration_operations import ConfigurationOperations
from leeward.twin.aws.drs.empty_operations import EmptyOperations
from leeward.twin.aws.drs.failback_operations import FailbackOperations
from leeward.twin.aws.drs.instance_operations import InstanceOperations
from leeward.twin.aws.drs.job_operations import JobOperations
from leeward.twin.aws.drs.launch_action_operations import LaunchActionOperations
from leeward.twin.aws.drs.plans.execution_operations import ExecutionOperations
from leeward.twin.aws.drs.plans.execution_step_operations import ExecutionStepOperations
from leeward.twin.aws.drs.plans.plan_operations import PlanOperations
from leeward.twin.aws.drs.plans.step_operations import StepOperations
from leeward.twin.aws.drs.server_operations import ServerOperations
from leeward.twin.aws.drs.tag_operations import TagOperations
from leeward.twin.aws.drs.template_operations import TemplateOperations
from leeward.twin.aws.plugin import add_service


class DrsBackend(
    ServerOperations,
    JobOperations,
    InstanceOperations,
    FailbackOperations,
    ConfigurationOperations,
    TemplateOperations,
    LaunchActionOperations,
    PlanOperations,
    StepOperations,
    ExecutionOperations,
    ExecutionStepOperations,
    EmptyOperations,
    TagOperations,
):
    """Elastic Disaster Recovery in one Region of one account. Source networks and other accounts are not simulated."""


DRS = add_service("drs", DrsBackend)
