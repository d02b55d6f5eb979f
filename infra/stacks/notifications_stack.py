"""`leeward-<application>-outlets`: forwards a run's events to Slack and PagerDuty, if the environment configures them.

This uses no Leeward code. EventBridge transforms each event into the receiver's format, and AWS delivers it. Slack has
its own topic, because its messages have a different format from emails.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from leeward.common.naming import resource_names
from leeward.common.naming.telemetry_names import EVENT_SOURCE, DomainEventType
from leeward.infra.inputs.deployment_plan import DeploymentPlan
from leeward.infra.inputs.environment_document import PagerDutyService, SlackChannel
from leeward.infra.permissions import RegionResources

_Rule, _Connection = events.CfnRule, events.CfnConnection
# The events that are sent to the channel, and those that page an operator.
_CHAT_EVENTS = (
    DomainEventType.QUESTION_ASKED,
    DomainEventType.QUESTION_ANSWERED,
    DomainEventType.STEP_FAILED,
    DomainEventType.RUN_ENDED,
)
_PAGING_EVENTS = (DomainEventType.QUESTION_ASKED, DomainEventType.STEP_FAILED)
_INPUT_PATHS = {"type": "$.detail-type", "run": "$.detail.run", "text": "$.detail.text", "region": "$.detail.target"}
# Outside quotes, EventBridge inserts a value as JSON, which escapes quotes and line breaks in a text.
_CHAT_TEMPLATE = '{"version": "1.0", "source": "custom", "content": {"title": "<type>: <run>", "description": <text>}}'
# PagerDuty limits the summary, so the text, which may be long, is in the details.
_PAGER_TEMPLATE = (
    '{"event_action": "trigger", "dedup_key": <run>, "payload": {"summary": "<type>: <run>", "source": <run>, '
    '"severity": "critical", "component": <region>, "custom_details": {"text": <text>}}}'
)
_PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"


class NotificationsStack(Stack):
    """The rules of one Region, and their targets."""

    def __init__(self, scope: Construct, name: str, *, plan: DeploymentPlan, region: str, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        self._plan, self._resources = plan, RegionResources.from_names(plan.application, region)
        self._name = f"{resource_names.application_prefix(plan.name)}-{region}"
        if plan.environment.slack is not None:
            self._add_slack(plan.environment.slack)
        if plan.environment.pagerduty is not None:
            self._add_pagerduty(plan.environment.pagerduty)

    def _add_slack(self, slack: SlackChannel) -> None:
        topic = sns.Topic(
            self, "chat", topic_name=f"{resource_names.topic_name(self._plan.name)}-chat", enforce_ssl=True,
            master_key=kms.Alias.from_alias_name(self, "own", self._resources.key_alias),
        )  # fmt: skip
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self._plan.application.account}},
            )
        )
        self._add_rule("chat-rule", _CHAT_EVENTS, _Rule.TargetProperty(id="chat", arn=topic.topic_arn), _CHAT_TEMPLATE)
        # The role only shows messages and may read nothing, so its only policy is the guardrail that AWS requires.
        role = self._create_role(
            "chat-role", "chatbot.amazonaws.com", "Shows messages in a channel, without any permissions"
        )
        chatbot.CfnSlackChannelConfiguration(
            self,
            "channel",
            configuration_name=self._name,
            slack_workspace_id=slack.workspace,
            slack_channel_id=slack.channel,
            iam_role_arn=role.role_arn,
            sns_topic_arns=[topic.topic_arn],
            guardrail_policies=["arn:aws:iam::aws:policy/AWSDenyAll"],
            logging_level="ERROR",
        )

    def _add_pagerduty(self, pager: PagerDutyService) -> None:
        secret = f"{{{{resolve:secretsmanager:{pager.secret}}}}}"
        connection = _Connection(
            self,
            "connection",
            name=f"{self._name}-pagerduty",
            description="Adds the integration key from Secrets Manager to the body",
            authorization_type="API_KEY",
            auth_parameters=_Connection.AuthParametersProperty(
                # EventBridge requires an API key header, which PagerDuty ignores.
                api_key_auth_parameters=_Connection.ApiKeyAuthParametersProperty(
                    api_key_name="X-Leeward", api_key_value=secret
                ),
                invocation_http_parameters=_Connection.ConnectionHttpParametersProperty(
                    body_parameters=[
                        _Connection.ParameterProperty(key="routing_key", value=secret, is_value_secret=True)
                    ]
                ),
            ),
        )
        destination = events.CfnApiDestination(
            self,
            "pager",
            name=f"{self._name}-pagerduty",
            connection_arn=connection.attr_arn,
            http_method="POST",
            invocation_endpoint=_PAGERDUTY_URL,
            invocation_rate_limit_per_second=10,
        )
        role = self._create_role("pager-role", "events.amazonaws.com", "Sends pages to PagerDuty", destination)
        target = _Rule.TargetProperty(id="pager", arn=destination.attr_arn, role_arn=role.role_arn)
        self._add_rule("pager-rule", _PAGING_EVENTS, target, _PAGER_TEMPLATE)

    def _add_rule(self, name: str, kinds: Sequence[DomainEventType], target: Any, template: str) -> None:
        used = {key: path for key, path in _INPUT_PATHS.items() if f"<{key}>" in template}
        _Rule(
            self,
            name,
            description=f"{self._plan.name}: {', '.join(kind.value for kind in kinds)}",
            state="ENABLED",
            event_pattern={
                "source": [EVENT_SOURCE],
                "detail-type": [kind.value for kind in kinds],
                "detail": {"application": [self._plan.name]},
            },
            targets=[
                _Rule.TargetProperty(
                    id=target.id,
                    arn=target.arn,
                    role_arn=target.role_arn,
                    input_transformer=_Rule.InputTransformerProperty(input_paths_map=used, input_template=template),
                )
            ],
        )

    def _create_role(
        self, name: str, service: str, description: str, destination: events.CfnApiDestination | None = None
    ) -> iam.Role:
        statement = iam.PolicyStatement(
            actions=["events:InvokeApiDestination"], resources=[destination.attr_arn] if destination else []
        )
        return iam.Role(
            self,
            name,
            assumed_by=iam.ServicePrincipal(
                service, conditions={"StringEquals": {"aws:SourceAccount": self._plan.application.account}}
            ),
            path=f"/leeward/{self._plan.name}/outlets/",
            description=description,
            inline_policies={"own": iam.PolicyDocument(statements=[statement])} if destination else None,
        )


def has_notifications(plan: DeploymentPlan) -> bool:
    """Return whether the environment configures Slack or PagerDuty."""
    return plan.environment.slack is not None or plan.environment.pagerduty is not None


__all__ = ["NotificationsStack", "has_notifications"]
