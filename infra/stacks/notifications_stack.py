"""`leeward-<application>-outlets`: a run's events to Slack and to PagerDuty, where the environment names them.

No code of Leeward's: EventBridge words each event as the other side wants it, and AWS delivers. The chat has a topic of
its own, for what a channel shows is no mail that people read.
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
# What a channel is told, and what wakes a person.
_CHAT_EVENTS = (
    DomainEventType.QUESTION_ASKED,
    DomainEventType.QUESTION_ANSWERED,
    DomainEventType.STEP_FAILED,
    DomainEventType.RUN_ENDED,
)
_PAGING_EVENTS = (DomainEventType.QUESTION_ASKED, DomainEventType.STEP_FAILED)
_INPUT_PATHS = {"type": "$.detail-type", "run": "$.detail.run", "text": "$.detail.text", "region": "$.detail.target"}
# Outside of quotes EventBridge puts a value in as JSON: a text may hold quotes and line breaks of its own.
_CHAT_TEMPLATE = '{"version": "1.0", "source": "custom", "content": {"title": "<type>: <run>", "description": <text>}}'
# PagerDuty's summary is short; the text, which may be long, is among the details.
_PAGER_TEMPLATE = (
    '{"event_action": "trigger", "dedup_key": <run>, "payload": {"summary": "<type>: <run>", "source": <run>, '
    '"severity": "critical", "component": <region>, "custom_details": {"text": <text>}}}'
)
_PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"


class NotificationsStack(Stack):
    """The rules of one Region, and what they lead to."""

    def __init__(self, scope: Construct, name: str, *, plan: DeploymentPlan, region: str, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        self._plan, self._at = plan, RegionResources.from_names(plan.application, region)
        self._name = f"{resource_names.application_prefix(plan.name)}-{region}"
        if plan.environment.slack is not None:
            self._add_slack(plan.environment.slack)
        if plan.environment.pagerduty is not None:
            self._add_pagerduty(plan.environment.pagerduty)

    def _add_slack(self, slack: SlackChannel) -> None:
        topic = sns.Topic(
            self, "chat", topic_name=f"{resource_names.topic_name(self._plan.name)}-chat", enforce_ssl=True,
            master_key=kms.Alias.from_alias_name(self, "own", self._at.key_alias),
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
        # It shows messages, and may look at nothing: no policy but the guardrail that AWS asks for.
        role = self._create_role(
            "chat-role", "chatbot.amazonaws.com", "Shows messages in a channel, and may do nothing"
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
            description="The integration key goes into the body, from Secrets Manager; PagerDuty asks for no other",
            authorization_type="API_KEY",
            auth_parameters=_Connection.AuthParametersProperty(
                # EventBridge wants one, and PagerDuty passes over it.
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
        role = self._create_role(
            "pager-role", "events.amazonaws.com", "Sends what wakes people to PagerDuty", destination
        )
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
        allowed = iam.PolicyStatement(
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
            inline_policies={"own": iam.PolicyDocument(statements=[allowed])} if destination else None,
        )


def has_notifications(plan: DeploymentPlan) -> bool:
    """Whether the environment names a channel or a pager."""
    return plan.environment.slack is not None or plan.environment.pagerduty is not None


__all__ = ["NotificationsStack", "has_notifications"]
