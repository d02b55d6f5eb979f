"""The sign-in of the canary user, by what the secret holds and what Cognito answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from leeward.common.errors import NotReady
from leeward.traffic.checks.canary_sign_in import sign_in_canary

USER = {"client_id": "c", "username": "canary", "password": "pass word"}


class StubSecrets:
    def __init__(self, text: str) -> None:
        self.text = text

    def get_secret_value(self, *, SecretId: str) -> Any:  # noqa: N803 - AWS's name
        assert SecretId == "canary-secret"
        return {"SecretString": self.text}


class StubPools:
    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer, self.asked = answer, dict[str, Any]()

    def initiate_auth(self, **request: Any) -> Any:
        self.asked = request
        return self.answer


def sign_in(secret: str, answer: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    pools = StubPools(answer)
    return sign_in_canary(StubSecrets(secret), pools, "canary-secret"), pools.asked


def test_token_is_returned_for_user_of_secret() -> None:
    token, asked = sign_in(json.dumps(USER), {"AuthenticationResult": {"IdToken": "token"}})
    assert token == "token"
    assert asked == {
        "ClientId": "c",
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "canary", "PASSWORD": "pass word"},
    }


@pytest.mark.parametrize("secret", ["no JSON pass word", "[]", "{}", json.dumps(USER | {"username": 7}), '"pass word"'])
def test_secret_of_another_format_is_rejected_without_its_text(secret: str) -> None:
    with pytest.raises(NotReady) as rejected:
        sign_in(secret, {})
    assert str(rejected.value) == "the secret canary-secret is not {client_id, username, password} in JSON"
    assert rejected.value.__cause__ is None
    assert rejected.value.__suppress_context__


def test_challenge_is_named() -> None:
    with pytest.raises(NotReady, match=r"^cognito-idp:InitiateAuth: the canary user of canary-secret needs more than a "
                                       r"password: NEW_PASSWORD_REQUIRED$"):  # fmt: skip
        sign_in(json.dumps(USER), {"ChallengeName": "NEW_PASSWORD_REQUIRED"})
