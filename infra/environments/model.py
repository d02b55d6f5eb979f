"""`infra/environments/<env>.yaml`: an account, and what is particular to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from leeward.state_machines.documents.fields import Account, Document, HostName, Line, Slug

# Those that CloudWatch Logs takes (PutRetentionPolicy), without the shortest: an incident is looked into for weeks.
LogDays = Literal[30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]


def _mail(text: str) -> str:
    name, at, domain = text.partition("@")
    if not (name and at and "." in domain) or any(c.isspace() for c in text):
        raise ValueError(f'"{text}" is not a mail address; expected one such as on-call@example.com')
    return text


def _zone_id(text: str) -> str:
    if not (text.startswith("Z") and text.isalnum() and text == text.upper()):
        raise ValueError(f'"{text}" is not a hosted zone id; expected Z and capital letters or digits')
    return text


def _image(text: str) -> str:
    if not re.fullmatch(r"ami-[0-9a-f]{8,17}", text):
        raise ValueError(f'"{text}" is not an image; expected ami- and 8 to 17 digits or letters a to f')
    return text


Mail = Annotated[str, AfterValidator(_mail)]


class HostedZone(Document):
    """A public hosted zone of Route 53 that is there already: Leeward adds records to it, and makes no zone."""

    id: Annotated[str, AfterValidator(_zone_id)] = Field(description="Its id, Z...")
    name: HostName = Field(description="Its domain, such as website.example.com")


def _slack_id(text: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9]{7,}", text):
        raise ValueError(f'"{text}" is not an id of Slack; expected capital letters and digits, such as T0123ABCD')
    return text


SlackId = Annotated[str, AfterValidator(_slack_id)]


class Slack(Document):
    """A channel that is told, through Amazon Q Developer in chat applications, which must know the workspace."""

    workspace: SlackId = Field(description="The workspace's id, T...")
    channel: SlackId = Field(description="The channel's id, C...")


class PagerDuty(Document):
    """A service that is paged."""

    secret: Line = Field(description="The secret (Secrets Manager, in each Region) that holds its integration key")


class ApplicationSettings(Document):
    """What one application needs to know of this environment."""

    hosted_zone: HostedZone | None = Field(None, description="The zone that the application's names are in")
    image: Annotated[str, AfterValidator(_image)] | None = Field(
        None, description="The image (AMI) that its servers start from, in its primary Region"
    )
    facebook_app_id: Line | None = Field(None, description="The app id of the login with Facebook; no secret")


class Environment(Document):
    """One account."""

    environment: Slug = Field(description="The environment's name, as its file is called")
    account: Account = Field(description='The AWS account, 12 digits in quotes: "111122223333"')
    mails: tuple[Mail, ...] = Field((), description="Who is told of questions, ends and alarms")
    slack: Slack | None = Field(None, description="A Slack channel that is told of questions, failures and ends")
    pagerduty: PagerDuty | None = Field(None, description="A PagerDuty service that is paged when a run asks or fails")
    log_days: LogDays = Field(400, description="How long logs are kept, in days")
    applications: Mapping[Slug, ApplicationSettings] = Field(
        default_factory=dict, description="What the applications need to know of this environment"
    )

    def settings(self, application: str) -> ApplicationSettings:
        """The application's own, or nothing particular."""
        return self.applications.get(application, ApplicationSettings.model_validate({}))
