"""One Lambda function per task, each with its own role and log group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Validations
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from leeward.common.naming import resource_names
from leeward.infra.constructs.iam_roles import create_role
from leeward.infra.inputs.deployment_plan import DeploymentPlan
from leeward.infra.packaging import LAMBDA_TARGET
from leeward.infra.permissions import Permission, RegionResources
from leeward.kinds.registry import task_handler
from leeward.state_machines.deployment import readiness_event
from leeward.state_machines.deployment.trigger_definitions import METRIC_NAMESPACE

# Longer than a single AWS call with all its retries, shorter than the states' TimeoutSeconds.
_TIMEOUT_SECONDS = 35
_LONGER_TIMEOUTS = {readiness_event.TASK_NAME: readiness_event.FUNCTION_SECONDS}
# Lambda allocates CPU in proportion to memory, and most of a cold start is Python imports.
_MEMORY_MB = 1024


@dataclass(frozen=True, slots=True)
class TaskAssets:
    """The archives that every function in a Region uses."""

    code: lambda_.Code
    layer: lambda_.LayerVersion

    @classmethod
    def from_archives(cls, scope: Construct, code: Path, layer: Path) -> TaskAssets:
        """Create the code asset and the layer from the archives `code` and `layer`."""
        return cls(
            lambda_.Code.from_asset(str(code)),
            lambda_.LayerVersion(
                scope,
                "packages",
                code=lambda_.Code.from_asset(str(layer)),
                compatible_runtimes=[lambda_runtime()],
                compatible_architectures=[lambda_.Architecture.ARM_64],
                description="The tasks' dependencies at their locked versions",
                removal_policy=RemovalPolicy.RETAIN,
            ),
        )


def lambda_runtime() -> lambda_.Runtime:
    """Return the runtime of `packaging.LAMBDA_TARGET`."""
    return lambda_.Runtime(f"python{LAMBDA_TARGET.python}", lambda_.RuntimeFamily.PYTHON)


class TaskFunctions(Construct):
    """The functions of one application in one Region, by task."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        plan: DeploymentPlan,
        assets: TaskAssets,
        environment: Mapping[str, str],
        permissions: Mapping[str, Sequence[Permission]],
    ) -> None:
        super().__init__(scope, name)
        self._plan, self._assets = plan, assets
        self._environment = dict(environment)
        Validations.of(self).acknowledge(
            Acknowledgment(
                id="AwsSolutions-L1",
                reason=f"Python {LAMBDA_TARGET.python}: raised with locks/lambda.txt, once each locked "
                f"package has the next",
            )
        )
        self.functions = {task: self._create_function(task, grants) for task, grants in permissions.items()}

    def _create_function(self, task: str, permissions: Sequence[Permission]) -> lambda_.Function:
        application = self._plan.name
        function_name = resource_names.function_name(application, task)
        scope = Construct(self, task)
        log = logs.LogGroup(
            scope,
            "log",
            log_group_name=f"/aws/lambda/{function_name}",
            retention=to_retention_days(self._plan.environment.log_days),
            removal_policy=RemovalPolicy.RETAIN,
        )
        return lambda_.Function(
            scope,
            "function",
            function_name=function_name,
            description=f"{application}: {task.replace('_', ' ')}",
            runtime=lambda_runtime(),
            architecture=lambda_.Architecture.ARM_64,
            handler=task_handler(task).replace(":", "."),
            code=self._assets.code,
            layers=[self._assets.layer],
            role=create_role(
                scope,
                "role",
                "lambda.amazonaws.com",
                permissions,
                f"{function_name}: what this task does, and nothing else",
                path=(application, task),
                account=self._plan.application.account,
            ),
            timeout=Duration.seconds(_LONGER_TIMEOUTS.get(task, _TIMEOUT_SECONDS)),
            memory_size=_MEMORY_MB,
            environment=self._environment,
            tracing=lambda_.Tracing.ACTIVE,
            log_group=log,
            # A run keeps the code that it started with: its state machine refers to a version, and versions are
            # retained.
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
        )


def build_task_environment(plan: DeploymentPlan, resources: RegionResources) -> dict[str, str]:
    """Return the environment variables of every task's function."""
    return {
        "LEEWARD_TABLE": resource_names.table_name(plan.name),
        "LEEWARD_TOPIC_ARN": resources.topic,
        "POWERTOOLS_SERVICE_NAME": "leeward",
        "POWERTOOLS_METRICS_NAMESPACE": METRIC_NAMESPACE,
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def to_retention_days(days: int) -> logs.RetentionDays:
    """Return CDK's enum member for a number of days."""
    words = {
        30: "ONE_MONTH", 60: "TWO_MONTHS", 90: "THREE_MONTHS", 120: "FOUR_MONTHS", 150: "FIVE_MONTHS",
        180: "SIX_MONTHS", 365: "ONE_YEAR", 400: "THIRTEEN_MONTHS", 545: "EIGHTEEN_MONTHS", 731: "TWO_YEARS",
        1096: "THREE_YEARS", 1827: "FIVE_YEARS", 2192: "SIX_YEARS", 2557: "SEVEN_YEARS", 2922: "EIGHT_YEARS",
        3288: "NINE_YEARS", 3653: "TEN_YEARS",
    }  # fmt: skip
    return logs.RetentionDays[words[days]]
