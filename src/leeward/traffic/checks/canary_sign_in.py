"""Sign in to a Cognito user pool as the canary user of the API checks.

The secret holds `{"client_id", "username", "password"}` for the user pool in its own Region. InitiateAuth belongs to
Cognito's data plane in that Region, so signing in does not depend on the origin Region.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

from pydantic import Field, ValidationError

from leeward.common.aws.clients import translate_errors
from leeward.common.aws.responses import AwsResponse, parse_response
from leeward.common.errors import NotReady


class SecretsClient(Protocol):
    """The Secrets Manager operation that signing in needs."""

    def get_secret_value(self, *, SecretId: str) -> Any:  # noqa: N803 - boto3's own name
        """Call GetSecretValue."""
        ...


class UserPoolsClient(Protocol):
    """The Cognito operation that signing in needs."""

    def initiate_auth(self, **request: Any) -> Any:
        """Call InitiateAuth."""
        ...


class _CanaryCredentials(AwsResponse):
    client_id: str
    username: str
    password: str = Field(repr=False)


class _Token(AwsResponse):
    id_token: str = Field(alias="IdToken", repr=False)


def sign_in_canary(secrets: SecretsClient, pools: UserPoolsClient, secret_name: str) -> str:
    """Return the canary user's ID token.

    Raises NotFound, AccessDenied, and NotReady if the secret has another format or Cognito wants a challenge.
    """
    with translate_errors("secretsmanager:GetSecretValue"):
        text = secrets.get_secret_value(SecretId=secret_name)["SecretString"]
    try:
        canary = _CanaryCredentials.model_validate(json.loads(text))
    except (ValueError, ValidationError):
        # `from None`, because the original error's text contains the secret.
        raise NotReady(f"the secret {secret_name} is not {{client_id, username, password}} in JSON") from None
    call = "cognito-idp:InitiateAuth"
    with translate_errors(call):
        response = pools.initiate_auth(
            ClientId=canary.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": canary.username, "PASSWORD": canary.password},
        )
    if "AuthenticationResult" not in response:
        raise NotReady(
            f"{call}: the canary user of {secret_name} needs more than a password: {response.get('ChallengeName')}"
        )
    return parse_response(_Token, response["AuthenticationResult"], call).id_token
