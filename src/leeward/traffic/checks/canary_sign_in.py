"""Signing in to a Cognito user pool as the user that checks are made as.

The secret holds `{"client_id", "username", "password"}` of the user pool in its own Region. InitiateAuth belongs to
Cognito's data plane in that Region: nothing is asked of the Region that is left.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

from pydantic import Field, ValidationError

from leeward.common.aws.clients import translate_errors
from leeward.common.aws.responses import AwsResponse, parse_response
from leeward.common.errors import NotReady


class SecretsClient(Protocol):
    """The part of Secrets Manager's client that is used."""

    def get_secret_value(self, *, SecretId: str) -> Any:  # noqa: N803 - boto3's own name
        """GetSecretValue."""
        ...


class UserPoolsClient(Protocol):
    """The part of Cognito's client that is used."""

    def initiate_auth(self, **request: Any) -> Any:
        """InitiateAuth."""
        ...


class _CanaryCredentials(AwsResponse):
    client_id: str
    username: str
    password: str = Field(repr=False)


class _Token(AwsResponse):
    id_token: str = Field(alias="IdToken", repr=False)


def sign_in_canary(secrets: SecretsClient, pools: UserPoolsClient, secret_name: str) -> str:
    """The user's ID token. Raises NotFound, AccessDenied, and NotReady for a secret of another form."""
    with translate_errors("secretsmanager:GetSecretValue"):
        text = secrets.get_secret_value(SecretId=secret_name)["SecretString"]
    try:
        canary = _CanaryCredentials.model_validate(json.loads(text))
    except (ValueError, ValidationError):
        # `from None`: the error's own text would show the secret.
        raise NotReady(f"the secret {secret_name} is not {{client_id, username, password}} in JSON") from None
    call = "cognito-idp:InitiateAuth"
    with translate_errors(call):
        answer = pools.initiate_auth(
            ClientId=canary.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": canary.username, "PASSWORD": canary.password},
        )
    if "AuthenticationResult" not in answer:
        raise NotReady(
            f"{call}: the canary of {secret_name} is asked for more than a password: {answer.get('ChallengeName')}"
        )
    return parse_response(_Token, answer["AuthenticationResult"], call).id_token
