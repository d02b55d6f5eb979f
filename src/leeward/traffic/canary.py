"""Signing in to a Cognito user pool as the user that checks are made as.

The secret holds `{"client_id", "username", "password"}` of the user pool in its own Region. InitiateAuth belongs to
Cognito's data plane in that Region: nothing is asked of the Region that is left.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

from pydantic import Field, ValidationError

from leeward.common.answers import Answer, read
from leeward.common.aws import naming_errors
from leeward.common.errors import NotReady


class Secrets(Protocol):
    """The part of Secrets Manager's client that is used."""

    def get_secret_value(self, *, SecretId: str) -> Any:  # noqa: N803 - boto3's own name
        """GetSecretValue."""
        ...


class UserPools(Protocol):
    """The part of Cognito's client that is used."""

    def initiate_auth(self, **request: Any) -> Any:
        """InitiateAuth."""
        ...


class _Canary(Answer):
    client_id: str
    username: str
    password: str = Field(repr=False)


class _Token(Answer):
    id_token: str = Field(alias="IdToken", repr=False)


def sign_in(secrets: Secrets, pools: UserPools, name: str) -> str:
    """The user's ID token. Raises NotFound, AccessDenied, and NotReady for a secret of another form."""
    with naming_errors("secretsmanager:GetSecretValue"):
        text = secrets.get_secret_value(SecretId=name)["SecretString"]
    try:
        canary = _Canary.model_validate(json.loads(text))
    except (ValueError, ValidationError):
        # `from None`: the error's own text would show the secret.
        raise NotReady(f"the secret {name} is not {{client_id, username, password}} in JSON") from None
    call = "cognito-idp:InitiateAuth"
    with naming_errors(call):
        answer = pools.initiate_auth(
            ClientId=canary.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": canary.username, "PASSWORD": canary.password},
        )
    if "AuthenticationResult" not in answer:
        raise NotReady(f"{call}: the canary of {name} is asked for more than a password: {answer.get('ChallengeName')}")
    return read(_Token, answer["AuthenticationResult"], call).id_token
