"""`infra/environments/<env>.yaml`: an account, and what is particular to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from leeward.state_machines.fields.field_types import AccountId, DocumentModel, HostName, ShortText, Slug

# Those that CloudWatch Logs takes (PutRetentionPolicy), without the shortest: an incident is looked into for weeks.
LogDays = Literal[30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]


def _check_mail(text: str) -> str:
    name, at, domain = text.partition("@")
    if not (name and at and "." in domain) or any(c.isspace() for c in text):
        raise ValueError(f'"{text}" is not a mail address; expected one such as on-call@example.com')
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
    """A public hosted zone of Route 53 that is there already: Leeward adds records to it, and makes no zone."""

    id: Annotated[str, AfterValidator(_check_zone_id)] = Field(description="Its id, Z...")
    name: HostName = Field(description="Its domain, such as website.example.com")


def _check_slack_id(text: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9]{7,}", text):
        raise ValueError(f'"{text}" is not an id of Slack; expected capital letters and digits, such as T0123ABCD')
    return text


SlackId = Annotated[str, AfterValidator(_check_slack_id)]


class SlackChannel(DocumentModel):
    """A channel that is told, through Amazon Q Developer in chat applications, which must know the workspace."""

    workspace: SlackId = Field(description="The workspace's id, T...")
    channel: SlackId = Field(description="The channel's id, C...")


class PagerDutyService(DocumentModel):
    """A service that is paged."""

    secret: ShortText = Field(description="The secret (Secrets Manager, in each Region) that holds its integration key")


class ApplicationSettings(DocumentModel):
    """What one application needs to know of this environment."""

    hosted_zone: HostedZone | None = Field(None, description="The zone that the application's names are in")
    image: Annotated[str, AfterValidator(_check_image)] | None = Field(
        None, description="The image (AMI) that its servers start from, in its primary Region"
    )
    stacks: Annotated[str, AfterValidator(_check_module)] | None = Field(
        None, description="The module that makes the application's own stacks, such as workloads.website.infra"
    )
    facebook_app_id: ShortText | None = Field(None, description="The app id of the login with Facebook; no secret")


class DeploymentEnvironment(DocumentModel):
    """One account."""

    environment: Slug = Field(description="The environment's name, as its file is called")
    account: AccountId = Field(description='The AWS account, 12 digits in quotes: "111122223333"')
    mails: tuple[MailAddress, ...] = Field((), description="Who is told of questions, ends and alarms")
    slack: SlackChannel | None = Field(None, description="A Slack channel that is told of questions, failures and ends")
    pagerduty: PagerDutyService | None = Field(
        None, description="A PagerDuty service that is paged when a run asks or fails"
    )
    log_days: LogDays = Field(400, description="How long logs are kept, in days")
    applications: Mapping[Slug, ApplicationSettings] = Field(
        default_factory=dict, description="What the applications need to know of this environment"
    )

    def settings_of(self, application: str) -> ApplicationSettings:
        """The application's own, or nothing particular."""
        return self.applications.get(application, ApplicationSettings.model_validate({}))
