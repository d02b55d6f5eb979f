"""AWS clients for an operator: a profile's credentials, short timeouts, and errors that say what to do.

Timeouts are a few seconds, because commands also call the unavailable Region during an outage and must not hang.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
)

from leeward.common.aws.clients import translate_errors
from leeward.common.aws.tables.state_table import StateTable
from leeward.common.errors import AccessDenied, CredentialsExpired, LeewardError
from leeward.common.naming.resource_names import table_name

_CONNECT_SECONDS, _READ_SECONDS = 3, 10
# The secret key that a served twin expects.
TWIN_SECRET = "twin"  # noqa: S105 - not a real secret
_UNKNOWN_KEY = ("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch")


class NoCredentials(AccessDenied):
    """AWS credentials are missing, expired, or unknown to AWS."""


@dataclass
class AwsSession:
    """An operator's connection to AWS, with the `profile` from ~/.aws/config.

    `endpoint_url` connects to a served twin instead. There, the access key ID `twin_user` is the operator's name.
    """

    profile: str | None = None
    endpoint_url: str | None = None
    twin_user: str = "twin"
    _session: Any = field(default=None, repr=False)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)

    @property
    def session(self) -> Any:
        """The boto3 session. Raises NoCredentials if the profile does not exist."""
        if self._session is None:
            try:
                self._session = (
                    boto3.Session(aws_access_key_id=self.twin_user, aws_secret_access_key=TWIN_SECRET)
                    if self.endpoint_url
                    else boto3.Session(profile_name=self.profile)
                )
            except ProfileNotFound as error:
                raise NoCredentials(f"the profile {self.profile!r} is not in ~/.aws/config: {error}") from error
        return self._session

    def client(self, service: str, region: str) -> Any:
        """Return the client for a service and Region, with short timeouts. Clients are cached."""
        if (service, region) not in self._clients:
            self._clients[service, region] = self._create_client(service, region)
        return self._clients[service, region]

    def _create_client(self, service: str, region: str) -> Any:
        config = Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 2},
        )
        with translate_aws_errors("creating a client", region):
            return self.session.client(service, region_name=region, endpoint_url=self.endpoint_url, config=config)

    def open_table(self, region: str, application: str) -> StateTable:
        """Return the application's state table in a Region."""
        return StateTable(self.client("dynamodb", region), table_name(application))

    def read_credentials(self) -> ReadOnlyCredentials:
        """Return the credentials for signing. Raises NoCredentials if there are none."""
        with translate_aws_errors("reading credentials", ""):
            credentials = self.session.get_credentials()
            if credentials is None:
                raise NoCredentials(
                    "no AWS credentials were found. Run `aws sso login`, or choose a profile with --profile"
                )
            frozen: ReadOnlyCredentials = credentials.get_frozen_credentials()
            return frozen


@contextmanager
def translate_aws_errors(call: str, region: str) -> Iterator[None]:
    """Translate AWS errors to those of `common.errors`, with a hint on missing credentials and permissions."""
    try:
        with translate_errors(call):
            yield
    except CredentialsExpired as error:  # a run's task gets new ones; an operator has to sign in again
        raise NoCredentials(
            f"the AWS credentials have expired ({call} in {region}). Run `aws sso login`, and try again"
        ) from error
    except AccessDenied as error:
        raise _explain_denial(error, call, region) from error
    except (NoCredentialsError, PartialCredentialsError, TokenRetrievalError) as error:
        raise NoCredentials(
            f"no valid AWS credentials: {error}. Run `aws sso login`, or choose a profile with --profile"
        ) from error
    except LeewardError:
        raise
    except (ClientError, BotoCoreError) as error:  # pragma: no cover - translate_errors translates them all
        raise AccessDenied(str(error)) from error


def _explain_denial(error: AccessDenied, call: str, region: str) -> AccessDenied:
    text = str(error)
    if isinstance(error, NoCredentials):
        return error
    if any(code in text for code in _UNKNOWN_KEY):
        return NoCredentials(f"AWS does not know these credentials ({call} in {region}). Check the profile")
    if "no AWS credentials" in text:
        return NoCredentials("no AWS credentials were found. Run `aws sso login`, or choose a profile with --profile")
    denied = text.partition(". Grant ")[0]
    return AccessDenied(f"{denied}. Operators need {call}: see docs/operations.md, Permissions")
