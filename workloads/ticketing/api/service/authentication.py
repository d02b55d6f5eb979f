"""Authenticates the user of a request: verifies a JSON Web Token of a trusted user pool, with keys from the
configuration.

A user pool exists in one Region. So each Region trusts the pools of both Regions and has their public keys in its
configuration. No request waits for a download, and a Region outage doesn't affect authentication in the other Region. A
user's `sub` differs between pools. The *username* of a federated user (`Facebook_<id>`) doesn't, so it identifies the
owner of a ticket.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt

from workloads.ticketing.api.contract.problems import Unauthorised
from workloads.ticketing.api.contract.settings import InvalidConfiguration

AGENTS_GROUP = "agents"
# Cognito's tokens have about 1 to 2 KiB.
_MAX_TOKEN_LENGTH = 8 * 1024
_MAX_NAME_LENGTH = 128
_LEEWAY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class AuthenticatedUser:
    """The user of a request. `name` is shown as a ticket's creator, `key` identifies its owner, and an agent sees all
    tickets.
    """

    key: str
    name: str
    is_agent: bool = False


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """A user pool: its app clients, and its public keys by key ID."""

    audiences: frozenset[str]
    keys: Mapping[str, jwt.PyJWK]


@dataclass(frozen=True, slots=True)
class TrustedIssuers:
    """The trusted pools, by issuer URL."""

    issuers: Mapping[str, TrustedIssuer]


@lru_cache(maxsize=8)
def parse_trusted_issuers(text: str) -> TrustedIssuers:
    """Parse `{"issuers": [{"issuer": URL, "audience": [client id], "jwks": {"keys": [...]}}]}`.

    Raises InvalidConfiguration.
    """
    try:
        listed = json.loads(text)["issuers"]
        return TrustedIssuers(
            {
                entry["issuer"]: TrustedIssuer(
                    frozenset(entry["audience"]),
                    {str(key["kid"]): jwt.PyJWK(key, algorithm="RS256") for key in entry["jwks"]["keys"]},
                )
                for entry in listed
            }
        )
    except (ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
        raise InvalidConfiguration(f"IDENTITY is malformed: {error!r}") from error


def authenticate_user(authorization: str | None, trust: TrustedIssuers) -> AuthenticatedUser:
    """Return the user of an `Authorization: Bearer ...` header.

    Raises Unauthorised. The reason never quotes the token.
    """
    kind, _, token = (authorization or "").strip().partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthorised("there is no bearer token")
    if len(token) > _MAX_TOKEN_LENGTH:
        raise Unauthorised("the token is too long")
    try:
        claims = _verify_claims(token.strip(), trust)
    except jwt.ExpiredSignatureError:
        raise Unauthorised("the token has expired") from None
    # ValueError and TypeError: PyJWT passes some malformed headers to the standard library.
    except (jwt.PyJWTError, ValueError, TypeError):
        raise Unauthorised("the token is not valid") from None
    groups = claims.get("cognito:groups")
    key = _valid_name(claims.get("cognito:username") or claims.get("username"))
    if key is None:
        raise Unauthorised("the token has no user name")
    return AuthenticatedUser(
        key=key,
        name=_valid_name(claims.get("email")) or _valid_name(claims.get("name")) or key,
        is_agent=isinstance(groups, list) and AGENTS_GROUP in groups,
    )


def _verify_claims(token: str, trust: TrustedIssuers) -> Mapping[str, Any]:
    """Return the claims after verifying signature, issuer, times, use, and audience."""
    # Only selects the key. The decode that verifies the signature compares `iss` again.
    unverified = jwt.decode_complete(token, options={"verify_signature": False})
    kid, claimed = unverified["header"].get("kid"), unverified["payload"].get("iss")
    issuer = trust.issuers.get(claimed) if isinstance(claimed, str) else None
    key = issuer.keys.get(kid) if issuer and isinstance(kid, str) else None
    if issuer is None or key is None:
        raise jwt.InvalidKeyError("no trusted pool has this key")
    claims: Mapping[str, Any] = jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        issuer=claimed,
        leeway=_LEEWAY_SECONDS,
        # Cognito's access tokens have `client_id` instead of `aud`, so the audience is verified below.
        options={"require": ["exp", "iat", "iss", "sub", "token_use"], "verify_aud": False},
    )
    use = claims["token_use"]
    audience = claims.get("aud") if use == "id" else claims.get("client_id") if use == "access" else None
    if not isinstance(audience, str) or audience not in issuer.audiences:
        raise jwt.InvalidAudienceError("the token was issued for another application")
    return claims


def _valid_name(value: object) -> str | None:
    """Return a name that can be shown and stored, or None. Names that begin with `#` are reserved for the table."""
    is_valid = isinstance(value, str) and 0 < len(value) <= _MAX_NAME_LENGTH and value.isprintable()
    return str(value) if is_valid and not str(value).startswith("#") else None
