"""`leeward-<application>-engine`: in each of the two Regions, everything that a run needs there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from leeward.common.naming import resource_names
from leeward.infra.constructs.runbook_state_machine import RunbookStateMachine
from leeward.infra.constructs.task_functions import TaskAssets, TaskFunctions, build_task_environment
from leeward.infra.inputs.deployment_plan import DeploymentPlan
from leeward.infra.permissions import RegionResources, collect_permissions


class EngineStack(Stack):
    """The key, the topic, the functions, and the state machines. The table, which both Regions share, is in the journal
    stack.
    """

    def __init__(
        self, scope: Construct, name: str, *, plan: DeploymentPlan, region: str, code: Path, layer: Path, **stack: Any
    ) -> None:
        super().__init__(scope, name, **stack)
        self.key = self._create_key(plan)
        self.topic = self._create_topic(plan)
        resources = RegionResources.from_names(plan.application, region, self.key.key_arn)
        functions = TaskFunctions(
            self,
            "tasks",
            plan=plan,
            assets=TaskAssets.from_archives(self, code, layer),
            environment=build_task_environment(plan, resources),
            permissions=collect_permissions(resources, plan.runbooks),
        )
        self.functions = functions.functions
        self.machines = [
            RunbookStateMachine(self, built.runbook.runbook, plan=plan, built=built, functions=self.functions)
            for built in plan.runbooks_entering(region)
        ]

    def _create_key(self, plan: DeploymentPlan) -> kms.Key:
        key = kms.Key(
            self,
            "key",
            alias=resource_names.application_prefix(plan.name),
            description=f"{plan.name}: encrypts the journal and messages in this Region",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        # Alarms and rules publish to the topic, which is encrypted.
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(s) for s in ("cloudwatch.amazonaws.com", "events.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],  # in a key policy, "*" means this key
                # No condition: EventBridge may send no account to KMS, and would drop its messages without an error.
                # The topic's policy checks the account.
            )
        )
        return key

    def _create_topic(self, plan: DeploymentPlan) -> sns.Topic:
        topic = sns.Topic(
            self, "topic", topic_name=resource_names.topic_name(plan.name), master_key=self.key, enforce_ssl=True,
            display_name=f"Leeward {plan.name}",
        )  # fmt: skip
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(s) for s in ("cloudwatch.amazonaws.com", "events.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": plan.application.account}},
            )
        )
        for number, mail in enumerate(plan.environment.mails):
            sns.CfnSubscription(self, f"mail{number}", protocol="email", endpoint=mail, topic_arn=topic.topic_arn)
        return topic
