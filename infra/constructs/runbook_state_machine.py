"""State machines from the committed ASL. Only the function names are replaced."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from leeward.common.naming import resource_names
from leeward.infra.constructs.iam_roles import create_role
from leeward.infra.constructs.task_functions import to_retention_days
from leeward.infra.inputs.deployment_plan import DeploymentPlan
from leeward.infra.permissions.grants.permission import WILDCARD, Permission
from leeward.infra.permissions.grants.resource_usage import find_team_functions
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.fragments.lambda_tasks import function_name

_NO_RESOURCE = "These actions do not support resource-level permissions"


@dataclass(frozen=True, slots=True)
class DefinitionTemplate:
    """A definition for CloudFormation: `text` with `${placeholders}`, and the task of each placeholder."""

    text: str
    tasks: Mapping[str, str]

    @classmethod
    def from_committed(cls, committed: str, tasks: Mapping[str, object]) -> DefinitionTemplate:
        """Replace the function name of each task with a placeholder. Nothing else changes."""
        text, used = json.dumps(json.loads(committed), ensure_ascii=False, separators=(",", ":")), {}
        for task in tasks:
            member = f'"FunctionName":"{function_name(task)}"'
            if member in text:
                placeholder = to_placeholder(task)
                text = text.replace(member, f'"FunctionName":"${{{placeholder}}}"')
                used[placeholder] = task
        return cls(text, used)


def to_placeholder(task: str) -> str:
    """Return a task's placeholder: `drs_recover` -> `DrsRecover`."""
    return "".join(word.capitalize() for word in task.split("_"))


class RunbookStateMachine(Construct):
    """The state machine of one runbook."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        plan: DeploymentPlan,
        built: BuiltRunbook,
        functions: Mapping[str, lambda_.Function],
    ) -> None:
        super().__init__(scope, name)
        definition = DefinitionTemplate.from_committed(built.compiled.text, functions)
        log = logs.LogGroup(
            self,
            "log",
            # With this prefix, the resource policy for logs doesn't grow with every state machine in the account.
            log_group_name=f"/aws/vendedlogs/states/{resource_names.application_prefix(plan.name)}-{built.runbook.runbook}",
            retention=to_retention_days(plan.environment.log_days),
            removal_policy=RemovalPolicy.RETAIN,
        )
        called = list(definition.tasks.values())
        self.machine_name = resource_names.state_machine_name(plan.name, built.runbook.runbook)
        self.machine = sfn.CfnStateMachine(
            self,
            "machine",
            state_machine_name=self.machine_name,
            state_machine_type="STANDARD",
            definition_string=definition.text,
            definition_substitutions={
                placeholder: functions[task].current_version.function_arn
                for placeholder, task in definition.tasks.items()
            },
            role_arn=create_role(
                self,
                "role",
                "states.amazonaws.com",
                _machine_permissions(called, find_team_functions([json.loads(built.compiled.text)]), plan, built),
                f"{self.machine_name}: invokes the functions of its tasks, and nothing else",
                path=(plan.name, "machine"),
                account=plan.application.account,
            ).role_arn,
            # Without the states' data, because questions contain task tokens, and whoever has a token can answer.
            logging_configuration=sfn.CfnStateMachine.LoggingConfigurationProperty(
                level="ALL",
                include_execution_data=False,
                destinations=[
                    sfn.CfnStateMachine.LogDestinationProperty(
                        cloud_watch_logs_log_group=sfn.CfnStateMachine.CloudWatchLogsLogGroupProperty(
                            log_group_arn=log.log_group_arn
                        )
                    )
                ],
            ),
            tracing_configuration=sfn.CfnStateMachine.TracingConfigurationProperty(enabled=True),
            tags=[sfn.CfnStateMachine.TagsEntryProperty(key="leeward:runbook", value=built.runbook.runbook)],
        )


def _machine_permissions(
    called_tasks: list[str], team_function_names: list[str], plan: DeploymentPlan, built: BuiltRunbook
) -> list[Permission]:
    functions = f"arn:aws:lambda:{built.compiled.run_regions.target}:{plan.application.account}:function:"
    task_functions = tuple(f"{functions}{resource_names.function_name(plan.name, task)}:*" for task in called_tasks)
    team_functions = tuple(f if f.startswith("arn:") else f"{functions}{f}" for f in team_function_names)
    return [
        Permission(("lambda:InvokeFunction",), task_functions, reason="a run invokes the version that it began with"),
        *([Permission(("lambda:InvokeFunction",), team_functions)] if team_functions else []),
        Permission(
            ("logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups",
             "logs:DescribeResourcePolicies", "logs:GetLogDelivery", "logs:ListLogDeliveries",
             "logs:PutResourcePolicy", "logs:UpdateLogDelivery"),
            (WILDCARD,),
            reason=f"{_NO_RESOURCE}; Step Functions needs them to deliver a state machine's log",
            called_via="states.amazonaws.com",
        ),
        Permission(
            ("xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"),
            (WILDCARD,),
            reason=f"{_NO_RESOURCE}; they write traces and read sampling rules",
            called_via="states.amazonaws.com",
        ),
    ]  # fmt: skip
