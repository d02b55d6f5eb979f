"""A simulated user pool: an issuer with its own key pair, whose tokens have Cognito's claims."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID = "1example23456789abcdefghij"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Person:
    """A user with a simulated Facebook account. `facebook_id` is the same in every pool, but `sub` isn't."""

    facebook_id: str
    name: str
    email: str
    groups: tuple[str, ...] = ()

    @property
    def username(self) -> str:
        """Return the user name that Cognito gives a federated user."""
        return f"Facebook_{self.facebook_id}"


ADA = Person("1000000000000001", "Ada Example", "ada@example.com")
BEN = Person("1000000000000002", "Ben Example", "ben@example.com")
AGENT_CLEO = Person("1000000000000003", "Cleo Example", "cleo@example.com", groups=("agents",))
PEOPLE = (ADA, BEN, AGENT_CLEO)


class SimulatedUserPool:
    """A user pool of one Region. Its key is generated unless `key` is given, and is not saved."""

    def __init__(self, region: str, *, client_id: str = CLIENT_ID, key: rsa.RSAPrivateKey | None = None) -> None:
        self.region = region
        self.client_id = client_id
        suffix = hashlib.sha256(region.encode()).hexdigest()[:9]
        self.issuer = f"https://cognito-idp.{region}.amazonaws.com/{region}_{suffix}"
        self.kid = f"{region}-key-1"
        self._key = key or generate_key()

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """Return the public keys, as a pool publishes them."""
        key: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {
            "keys": [{"kty": key["kty"], "n": key["n"], "e": key["e"], "kid": self.kid, "alg": "RS256", "use": "sig"}]
        }

    def issue_tokens(
        self, person: Person, *, now: datetime | None = None, nonce: str | None = None, lifetime: timedelta = _HOUR
    ) -> dict[str, Any]:
        """Return the response of a token endpoint. `now` is the current time by default."""
        at = now or datetime.now(UTC)
        seconds = int(lifetime.total_seconds())
        return {
            "id_token": self.sign(self.build_claims(person, "id", at, lifetime) | ({"nonce": nonce} if nonce else {})),
            "access_token": self.sign(self.build_claims(person, "access", at, lifetime)),
            "token_type": "Bearer",
            "expires_in": seconds,
        }

    def build_claims(
        self, person: Person, use: str, issued_at: datetime, lifetime: timedelta = _HOUR
    ) -> dict[str, Any]:
        """Return Cognito's claims for a federated user, in a token for `use` (`id` or `access`)."""
        groups: Sequence[str] = (f"{self.issuer.rsplit('/', 1)[1]}_Facebook", *person.groups)
        common = {
            "sub": hashlib.sha256(f"{self.issuer} {person.facebook_id}".encode()).hexdigest()[:32],
            "iss": self.issuer,
            "token_use": use,
            "auth_time": int(issued_at.timestamp()),
            "iat": int(issued_at.timestamp()),
            "exp": int((issued_at + lifetime).timestamp()),
            "cognito:groups": list(groups),
        }
        if use == "access":
            return {**common, "client_id": self.client_id, "username": person.username, "scope": "openid email profile"}
        identity = {"userId": person.facebook_id, "providerName": "Facebook", "providerType": "Facebook"}
        return {
            **common,
            "aud": self.client_id,
            "cognito:username": person.username,
            "email": person.email,
            "name": person.name,
            "identities": [identity],
        }

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a token with any claims, signed by this pool."""
        return jwt.encode(dict(claims), self._key, algorithm="RS256", headers={"kid": self.kid})


def generate_key() -> rsa.RSAPrivateKey:
    """Generate a key pair, which takes a tenth of a second or more."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def build_identity_setting(*pools: SimulatedUserPool) -> str:
    """Return the API's IDENTITY setting with the keys of all `pools`."""
    issuers = [{"issuer": pool.issuer, "audience": [pool.client_id], "jwks": pool.jwks()} for pool in pools]
    return json.dumps({"issuers": issuers}, separators=(",", ":"))
