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


class DeadLetters(Construct):
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

    def accept(self, rule: events.CfnRule) -> None:
        """Let the rule put events here."""
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={"ArnEquals": {"aws:SourceArn": rule.attr_arn}},
            )
        )


class Invocation(Construct):
    """A rule, and one function that it invokes."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        rule: Mapping[str, Any],
        function: str,
        told: Mapping[str, Any],
        dead_letters: DeadLetters | None,
        hours: float,
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
                        maximum_event_age_in_seconds=int(hours * 3600), maximum_retry_attempts=185
                    ),
                    dead_letter_config=_Rule.DeadLetterConfigProperty(arn=dead_letters.arn) if dead_letters else None,
                    **told,
                )
            ],
            **rule,
        )
        if dead_letters is not None:
            dead_letters.accept(made)
        lambda_.CfnPermission(
            self,
            "permission",
            action="lambda:InvokeFunction",
            function_name=function,
            principal="events.amazonaws.com",
            source_arn=made.attr_arn,
        )
