"""Whose token it is: a JSON Web Token of one of the user pools, checked with keys that are configuration.

A user pool lives in one Region. Each Region therefore trusts the pools of both, and holds their public keys itself:
nothing is fetched while a request waits, and a dark Region does not stop the check in the other. A user's `sub` differs
from pool to pool; the *username* of a federated user (`Facebook_<id>`) does not, so that is who owns a ticket.
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
# Cognito's tokens are about 1 to 2 KiB.
_MAX_TOKEN_LENGTH = 8 * 1024
_MAX_NAME_LENGTH = 128
_LEEWAY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class AuthenticatedUser:
    """Who asks. `name` is shown as the one who created a ticket; `key` owns it; `agent` sees everyone's."""

    key: str
    name: str
    is_agent: bool = False


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """A user pool: its app clients and its public keys, by key id."""

    audiences: frozenset[str]
    keys: Mapping[str, jwt.PyJWK]


@dataclass(frozen=True, slots=True)
class TrustedIssuers:
    """The pools that are trusted, by issuer URL."""

    issuers: Mapping[str, TrustedIssuer]


@lru_cache(maxsize=8)
def parse_trusted_issuers(text: str) -> TrustedIssuers:
    """Read `{"issuers": [{"issuer": URL, "audience": [client id], "jwks": {"keys": [...]}}]}`. Raises Misconfigured."""
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
    """The user of an `Authorization: Bearer ...` header. Raises Unauthorised; the reason never quotes the token."""
    kind, _, token = (authorization or "").strip().partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthorised("there is no bearer token")
    if len(token) > _MAX_TOKEN_LENGTH:
        raise Unauthorised("the token is too long")
    try:
        claims = _verify_claims(token.strip(), trust)
    except jwt.ExpiredSignatureError:
        raise Unauthorised("the token has expired") from None
    # ValueError and TypeError: PyJWT lets some malformed headers through to the standard library.
    except (jwt.PyJWTError, ValueError, TypeError):
        raise Unauthorised("the token does not hold") from None
    groups = claims.get("cognito:groups")
    key = _valid_name(claims.get("cognito:username") or claims.get("username"))
    if key is None:
        raise Unauthorised("the token names no user")
    return AuthenticatedUser(
        key=key,
        name=_valid_name(claims.get("email")) or _valid_name(claims.get("name")) or key,
        is_agent=isinstance(groups, list) and AGENTS_GROUP in groups,
    )


def _verify_claims(token: str, trust: TrustedIssuers) -> Mapping[str, Any]:
    """The claims, once signature, issuer, times, use and audience are right."""
    kid = jwt.get_unverified_header(token).get("kid")
    # Only to choose the key: `iss` is compared again by the decode that checks the signature.
    claimed = jwt.decode(token, options={"verify_signature": False}).get("iss")
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
        # An access token of Cognito has no `aud` but a `client_id`: looked at below.
        options={"require": ["exp", "iat", "iss", "sub", "token_use"], "verify_aud": False},
    )
    use = claims["token_use"]
    meant_for = claims.get("aud") if use == "id" else claims.get("client_id") if use == "access" else None
    if not isinstance(meant_for, str) or meant_for not in issuer.audiences:
        raise jwt.InvalidAudienceError("the token was made for another application")
    return claims


def _valid_name(value: object) -> str | None:
    """A name that can be shown and stored. What begins with `#` is the table's own."""
    fits = isinstance(value, str) and 0 < len(value) <= _MAX_NAME_LENGTH and value.isprintable()
    return str(value) if fits and not str(value).startswith("#") else None
