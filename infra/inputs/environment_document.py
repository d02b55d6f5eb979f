"""Pydantic model of `infra/environments/<env>.yaml`: an account and its settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from leeward.state_machines.fields.field_types import AccountId, DocumentModel, HostName, ShortText, Slug

# The values that CloudWatch Logs accepts (PutRetentionPolicy), without the shortest, because an incident may be
# investigated for weeks.
LogDays = Literal[30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]


def _check_mail(text: str) -> str:
    name, at, domain = text.partition("@")
    if not (name and at and "." in domain) or any(c.isspace() for c in text):
        raise ValueError(f'"{text}" is not an email address; expected one such as on-call@example.com')
    return text


def _check_zone_id(text: str) -> str:
    if not (text.startswith("Z") and text.isalnum() and text == text.upper()):
        raise ValueError(f'"{text}" is not a hosted zone id; expected Z and capital letters or digits')
    return text


def _check_image(text: str) -> str:
    if not re.fullmatch(r"ami-[0-9a-f]{8,17}", text):
        raise ValueError(f'"{text}" is not an image; expected ami- and 8 to 17 digits or letters a to f')
    return text


def _check_module(text: str) -> str:
    if not all(part.isidentifier() for part in text.split(".")):
        raise ValueError(f'"{text}" is not a module; expected a dotted name such as workloads.website.infra')
    return text


MailAddress = Annotated[str, AfterValidator(_check_mail)]


class HostedZone(DocumentModel):
    """An existing public hosted zone of Route 53. Leeward adds records to it, and creates no zones."""

    id: Annotated[str, AfterValidator(_check_zone_id)] = Field(description="The zone's ID, Z...")
    name: HostName = Field(description="The zone's domain, such as website.example.com")


def _check_slack_id(text: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9]{7,}", text):
        raise ValueError(f'"{text}" is not a Slack ID; expected capital letters and digits, such as T0123ABCD')
    return text


SlackId = Annotated[str, AfterValidator(_check_slack_id)]


class SlackChannel(DocumentModel):
    """A Slack channel for notifications. Amazon Q Developer in chat applications must be authorized for its
    workspace.
    """

    workspace: SlackId = Field(description="The workspace's ID, T...")
    channel: SlackId = Field(description="The channel's ID, C...")


class PagerDutyService(DocumentModel):
    """A PagerDuty service that is paged."""

    secret: ShortText = Field(description="The secret (Secrets Manager, in each Region) with the integration key")


class ApplicationSettings(DocumentModel):
    """The environment's settings for one application."""

    hosted_zone: HostedZone | None = Field(None, description="The zone of the application's domain names")
    image: Annotated[str, AfterValidator(_check_image)] | None = Field(
        None, description="The image (AMI) of the application's servers in the primary Region"
    )
    stacks: Annotated[str, AfterValidator(_check_module)] | None = Field(
        None, description="The module that creates the application's own stacks, such as workloads.website.infra"
    )
    facebook_app_id: ShortText | None = Field(None, description="The app ID for login with Facebook. It is not secret")


class DeploymentEnvironment(DocumentModel):
    """An AWS account and its settings."""

    environment: Slug = Field(description="The environment's name, equal to the name of its file")
    account: AccountId = Field(description='The AWS account, 12 digits in quotes: "111122223333"')
    mails: tuple[MailAddress, ...] = Field(
        (), description="The email addresses that are notified of questions, ends of runs, and alarms"
    )
    slack: SlackChannel | None = Field(
        None, description="The Slack channel that is notified of questions, failures, and ends of runs"
    )
    pagerduty: PagerDutyService | None = Field(
        None, description="The PagerDuty service that is paged when a run asks a question or fails"
    )
    log_days: LogDays = Field(400, description="How many days logs are kept")
    applications: Mapping[Slug, ApplicationSettings] = Field(
        default_factory=dict, description="The settings for each application"
    )

    def settings_of(self, application: str) -> ApplicationSettings:
        """Return the application's settings, or empty settings."""
        return self.applications.get(application, ApplicationSettings.model_validate({}))
