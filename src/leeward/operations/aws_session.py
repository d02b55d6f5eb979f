"""AWS, as one person reaches it: a profile's credentials, short times, and errors that say what to do.

A Region that does not answer is given up after a few seconds: whoever operates a run during a disaster asks the Region
that is dark as well, and must not wait for it.
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
from leeward.common.aws.state_table import StateTable
from leeward.common.errors import AccessDenied, LeewardError
from leeward.common.naming.resource_names import table_name

_CONNECT_SECONDS, _READ_SECONDS = 3, 10
# What a served twin takes; it checks no one's secret but this.
TWIN_SECRET = "twin"  # noqa: S105 - it opens nothing
_EXPIRED = ("ExpiredToken", "RequestExpired", "TokenRefreshRequired")
_UNKNOWN_KEY = ("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch")


class NoCredentials(AccessDenied):
    """There are no credentials, or they are no longer valid."""


@dataclass
class AwsSession:
    """`endpoint_url` is a served twin's; on it the access key's id is who one is. `profile` is of ~/.aws/config."""

    profile: str | None = None
    endpoint_url: str | None = None
    twin_user: str = "twin"
    _session: Any = field(default=None, repr=False)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)

    @property
    def session(self) -> Any:
        """The boto3 session. Raises NoCredentials for a profile that does not exist."""
        if self._session is None:
            try:
                self._session = (
                    boto3.Session(aws_access_key_id=self.twin_user, aws_secret_access_key=TWIN_SECRET)
                    if self.endpoint_url
                    else boto3.Session(profile_name=self.profile)
                )
            except ProfileNotFound as error:
                raise NoCredentials(f"there is no profile {self.profile!r} in ~/.aws/config: {error}") from error
        return self._session

    def client(self, service: str, region: str) -> Any:
        """A client that gives up soon; one for each service and Region."""
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
        """The application's table in a Region."""
        return StateTable(self.client("dynamodb", region), table_name(application))

    def read_credentials(self) -> ReadOnlyCredentials:
        """What to sign with. Raises NoCredentials."""
        with translate_aws_errors("reading credentials", ""):
            found = self.session.get_credentials()
            if found is None:
                raise NoCredentials("no AWS credentials were found: `aws sso login`, or name a profile with --profile")
            frozen: ReadOnlyCredentials = found.get_frozen_credentials()
            return frozen


@contextmanager
def translate_aws_errors(call: str, region: str) -> Iterator[None]:
    """AWS's errors as an operator needs them. Raises the named errors of `common.errors`."""
    try:
        with translate_errors(call):
            yield
    except AccessDenied as error:
        raise _explain_denial(error, call, region) from error
    except (NoCredentialsError, PartialCredentialsError, TokenRetrievalError) as error:
        raise NoCredentials(f"no valid AWS credentials: {error}. `aws sso login`, or name a --profile") from error
    except LeewardError:
        raise
    except (ClientError, BotoCoreError) as error:  # pragma: no cover - naming_errors names them all
        raise AccessDenied(str(error)) from error


def _explain_denial(error: AccessDenied, call: str, region: str) -> AccessDenied:
    text = str(error)
    if isinstance(error, NoCredentials):
        return error
    if any(code in text for code in _EXPIRED):
        return NoCredentials(f"the AWS credentials have expired ({call} in {region}): `aws sso login`, then again")
    if any(code in text for code in _UNKNOWN_KEY):
        return NoCredentials(f"AWS does not know these credentials ({call} in {region}): is the profile right?")
    if "no AWS credentials" in text:
        return NoCredentials("no AWS credentials were found: `aws sso login`, or name a profile with --profile")
    denied = text.partition(". Grant ")[0]
    return AccessDenied(f"{denied}. Whoever operates runs needs {call}: see docs/operations.md, Permissions")
