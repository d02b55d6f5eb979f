"""EventBridge rules that invoke a task's function: tried again for a while, and then kept in a dead-letter queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

_Rule = events.CfnRule


class DeadLetterQueue(Construct):
    """Where an event goes that could not be delivered; an alarm stands on it."""

    def __init__(self, scope: Construct, name: str, *, queue_name: str) -> None:
        super().__init__(scope, name)
        self.queue = sqs.Queue(
            self,
            "queue",
            queue_name=queue_name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        self.arn: str = self.queue.queue_arn
        Validations.of(self.queue).acknowledge(
            Acknowledgment(id="AwsSolutions-SQS3", reason="It is itself where what could not be delivered goes")
        )

    def accept_events_of(self, rule: events.CfnRule) -> None:
        """Let the rule put events here."""
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={"ArnEquals": {"aws:SourceArn": rule.attr_arn}},
            )
        )


class ForwardingRule(Construct):
    """A rule that hands events on to the same account's default bus in another Region, by a role that may do nothing
    else."""

    def __init__(
        self, scope: Construct, name: str, *, rule: Mapping[str, Any], bus: str, account: str, path: str
    ) -> None:
        """`rule`: which events, as CfnRule takes it. `bus`: the ARN of the other bus. `path`: the role's."""
        super().__init__(scope, name)
        role = iam.Role(
            self,
            "role",
            assumed_by=iam.ServicePrincipal(
                "events.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": account}}
            ),
            path=path,
            description="Hands events on to the bus of the Region that is entered",
            inline_policies={
                "own": iam.PolicyDocument(
                    statements=[iam.PolicyStatement(actions=["events:PutEvents"], resources=[bus])]
                )
            },
        )
        _Rule(
            self,
            "rule",
            state="ENABLED",
            targets=[_Rule.TargetProperty(id="bus", arn=bus, role_arn=role.role_arn)],
            **rule,
        )


class InvocationRule(Construct):
    """A rule, and one function that it invokes."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        rule: Mapping[str, Any],
        function: str,
        target_input: Mapping[str, Any],
        dead_letters: DeadLetterQueue | None,
        retry_hours: float,
    ) -> None:
        """`rule`: when, as CfnRule takes it. `function`: its ARN. `told`: the target's input. `hours`: of trying."""
        super().__init__(scope, name)
        made = _Rule(
            self,
            "rule",
            state="ENABLED",
            targets=[
                _Rule.TargetProperty(
                    id="function",
                    arn=function,
                    retry_policy=_Rule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=int(retry_hours * 3600), maximum_retry_attempts=185
                    ),
                    dead_letter_config=_Rule.DeadLetterConfigProperty(arn=dead_letters.arn) if dead_letters else None,
                    **target_input,
                )
            ],
            **rule,
        )
        if dead_letters is not None:
            dead_letters.accept_events_of(made)
        lambda_.CfnPermission(
            self,
            "permission",
            action="lambda:InvokeFunction",
            function_name=function,
            principal="events.amazonaws.com",
            source_arn=made.attr_arn,
        )
