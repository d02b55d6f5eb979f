"""`cognito-idp`: signing in with a password, as a check does. moto's own needs a package that is not installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from leeward.twin.aws.service_framework.service_plugin import (
    AwsError,
    OperationResult,
    ServiceBackend,
    SimulatedService,
    add_service,
)

# Who signs the tokens: (username, password) to an ID token, None where they do not fit.
SignIn = Callable[[str, str], str | None]
_TOKEN_SECONDS = 3600


class NotAuthorizedException(AwsError):
    """The password is wrong, or there is no such user: Cognito does not say which."""

    code = "NotAuthorizedException"


class AppClientNotFoundException(AwsError):
    """There is no such app client."""

    code = "ResourceNotFoundException"


class UserPoolsBackend(ServiceBackend):
    """The user pools of one Region: each app client with whoever signs its tokens."""

    service: ClassVar[SimulatedService[Any]]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.sign_in_by_client: dict[str, SignIn] = {}

    def initiate_auth(self, params: Mapping[str, Any]) -> OperationResult:
        """USER_PASSWORD_AUTH."""
        sign_in = self.sign_in_by_client.get(params["ClientId"])
        if sign_in is None:
            raise AppClientNotFoundException(f"User pool client {params['ClientId']} does not exist.")
        given = params.get("AuthParameters") or {}
        token = sign_in(str(given.get("USERNAME")), str(given.get("PASSWORD")))
        if token is None or params["AuthFlow"] != "USER_PASSWORD_AUTH":
            raise NotAuthorizedException("Incorrect username or password.")
        return {"AuthenticationResult": {"IdToken": token, "ExpiresIn": _TOKEN_SECONDS, "TokenType": "Bearer"}}


USER_POOLS = add_service("cognito-idp", UserPoolsBackend)
