"""EventBridge rules that invoke a task's function. Failed events are retried, and then kept in a dead-letter queue."""

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
    """The queue for events that could not be delivered. An alarm monitors it."""

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
            Acknowledgment(id="AwsSolutions-SQS3", reason="This queue is itself a dead-letter queue")
        )

    def accept_events_of(self, rule: events.CfnRule) -> None:
        """Let the rule send events to this queue."""
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={"ArnEquals": {"aws:SourceArn": rule.attr_arn}},
            )
        )


class ForwardingRule(Construct):
    """A rule that forwards events to the same account's default bus in another Region, with a role that may do nothing
    else.
    """

    def __init__(
        self, scope: Construct, name: str, *, rule: Mapping[str, Any], bus: str, account: str, path: str
    ) -> None:
        """Create the rule. `rule` has CfnRule's properties that select the events. `bus` is the ARN of the other bus.
        `path` is the role's path.
        """
        super().__init__(scope, name)
        role = iam.Role(
            self,
            "role",
            assumed_by=iam.ServicePrincipal(
                "events.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": account}}
            ),
            path=path,
            description="Forwards events to the bus of the target Region",
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
    """A rule and the function that it invokes."""

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
        """Create the rule.

        `rule` has CfnRule's properties that say when it runs. `function` is the function's ARN. `target_input` has the
        target's input properties. EventBridge retries for `retry_hours`.
        """
        super().__init__(scope, name)
        created = _Rule(
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
            dead_letters.accept_events_of(created)
        lambda_.CfnPermission(
            self,
            "permission",
            action="lambda:InvokeFunction",
            function_name=function,
            principal="events.amazonaws.com",
            source_arn=created.attr_arn,
        )
