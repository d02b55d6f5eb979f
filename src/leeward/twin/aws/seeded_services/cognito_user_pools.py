"""Simulated `cognito-idp`: password sign-in, as synthetic checks use it.

moto's implementation needs a package that isn't installed.
"""

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

# Returns the ID token for (username, password), or None if they don't match a user.
SignIn = Callable[[str, str], str | None]
_TOKEN_SECONDS = 3600


class NotAuthorizedException(AwsError):
    """The password is wrong or the user doesn't exist. Cognito doesn't say which."""

    code = "NotAuthorizedException"


class AppClientNotFoundException(AwsError):
    """The app client doesn't exist."""

    code = "ResourceNotFoundException"


class UserPoolsBackend(ServiceBackend):
    """The user pools of one Region. `sign_in_by_client` maps each app client to its sign-in function."""

    service: ClassVar[SimulatedService[Any]]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.sign_in_by_client: dict[str, SignIn] = {}

    def initiate_auth(self, params: Mapping[str, Any]) -> OperationResult:
        """Implement InitiateAuth with USER_PASSWORD_AUTH."""
        sign_in = self.sign_in_by_client.get(params["ClientId"])
        if sign_in is None:
            raise AppClientNotFoundException(f"User pool client {params['ClientId']} does not exist.")
        parameters = params.get("AuthParameters") or {}
        token = sign_in(str(parameters.get("USERNAME")), str(parameters.get("PASSWORD")))
        if token is None or params["AuthFlow"] != "USER_PASSWORD_AUTH":
            raise NotAuthorizedException("Incorrect username or password.")
        return {"AuthenticationResult": {"IdToken": token, "ExpiresIn": _TOKEN_SECONDS, "TokenType": "Bearer"}}


USER_POOLS = add_service("cognito-idp", UserPoolsBackend)
