"""The simulated `drs` service, which combines all operation mixins and is added to moto."""

from __future__ import annotations

from leeward.twin.aws.drs.operations.configuration_operations import ConfigurationOperations
from leeward.twin.aws.drs.operations.drs_tag_operations import DrsTagOperations
from leeward.twin.aws.drs.operations.empty_list_operations import EmptyListOperations
from leeward.twin.aws.drs.operations.failback_operations import FailbackOperations
from leeward.twin.aws.drs.operations.job_operations import JobOperations
from leeward.twin.aws.drs.operations.launch_action_operations import LaunchActionOperations
from leeward.twin.aws.drs.operations.recovery_instance_operations import RecoveryInstanceOperations
from leeward.twin.aws.drs.operations.source_server_operations import SourceServerOperations
from leeward.twin.aws.drs.operations.template_operations import TemplateOperations
from leeward.twin.aws.drs.plans.operations.plan_execution_operations import PlanExecutionOperations
from leeward.twin.aws.drs.plans.operations.plan_execution_step_operations import PlanExecutionStepOperations
from leeward.twin.aws.drs.plans.operations.plan_operations import PlanOperations
from leeward.twin.aws.drs.plans.operations.plan_step_operations import PlanStepOperations
from leeward.twin.aws.service_framework.service_plugin import add_service


class DrsBackend(
    SourceServerOperations,
    JobOperations,
    RecoveryInstanceOperations,
    FailbackOperations,
    ConfigurationOperations,
    TemplateOperations,
    LaunchActionOperations,
    PlanOperations,
    PlanStepOperations,
    PlanExecutionOperations,
    PlanExecutionStepOperations,
    EmptyListOperations,
    DrsTagOperations,
):
    """Elastic Disaster Recovery in one Region of one account. Source networks and other accounts aren't simulated."""


DRS = add_service("drs", DrsBackend)
