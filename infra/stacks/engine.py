"""`leeward-<application>-engine`: in each of the two Regions, all that a run there needs before it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from leeward.common import names
from leeward.infra.parts.functions import Assets, TaskFunctions, task_environment
from leeward.infra.parts.machines import RunbookMachine
from leeward.infra.permissions import Deployed, permissions_of
from leeward.infra.plan import Plan


class EngineStack(Stack):
    """Key, topic, functions, state machines. The table, which both Regions share, is the journal stack's."""

    def __init__(
        self, scope: Construct, name: str, *, plan: Plan, region: str, code: Path, layer: Path, **stack: Any
    ) -> None:
        super().__init__(scope, name, **stack)
        self.key = self._key(plan)
        self.topic = self._topic(plan)
        at = Deployed.named(plan.application, region, self.key.key_arn)
        functions = TaskFunctions(
            self,
            "tasks",
            plan=plan,
            assets=Assets.of(self, code, layer),
            environment=task_environment(plan, at),
            permissions=permissions_of(at, plan.runbooks),
        )
        self.functions = functions.functions
        self.machines = [
            RunbookMachine(self, ready.runbook.runbook, plan=plan, ready=ready, functions=self.functions)
            for ready in plan.entering(region)
        ]

    def _key(self, plan: Plan) -> kms.Key:
        key = kms.Key(
            self,
            "key",
            alias=names.of_application(plan.name),
            description=f"{plan.name}: the runs' journal and messages in this Region",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        # Alarms and rules publish to the topic, which is encrypted.
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(s) for s in ("cloudwatch.amazonaws.com", "events.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],  # of a key's own policy: this key
                conditions={"StringEquals": {"aws:SourceAccount": plan.application.account}},
            )
        )
        return key

    def _topic(self, plan: Plan) -> sns.Topic:
        topic = sns.Topic(
            self, "topic", topic_name=names.topic(plan.name), master_key=self.key, enforce_ssl=True,
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
