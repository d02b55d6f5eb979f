"""The hosted sign-in of a pool, like Cognito's: authorize, token, and keys, with the authorization code flow and PKCE.

Where Cognito would redirect to Facebook, a page offers the simulated users. This module handles no HTTP connections.
The server passes it the parts of a request and sends its response.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode

from workloads.ticketing.simulated_identity.user_pool import PEOPLE, Person, SimulatedUserPool

_CODE_LIFETIME = timedelta(minutes=5)
_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;background:#f3f6f7;color:#14242b;display:grid;place-items:center;"
    "min-height:95vh;margin:0;padding:1rem}main{background:#fff;border:1px solid #cfd9dd;border-radius:10px;"
    "padding:1.5rem;max-width:26rem}h1{font-size:1.3rem;margin:0 0 .5rem}a{display:block;margin-top:.7rem;"
    "padding:.7rem 1rem;background:#1158c7;color:#fff;border-radius:7px;text-decoration:none;font-weight:600}"
    "a:focus-visible{outline:3px solid #14242b;outline-offset:2px}small{color:#4b5f68}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


@dataclass(frozen=True, slots=True)
class SignInResponse:
    """A response to a browser."""

    status: int
    headers: Mapping[str, str]
    body: str = ""


@dataclass(frozen=True, slots=True)
class _GrantedCode:
    person: Person
    redirect_uri: str
    challenge: str
    nonce: str | None
    expires_at: datetime


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class SignInPages:
    """The hosted pages of one pool. `redirects` has the exact addresses that may receive a code."""

    pool: SimulatedUserPool
    redirects: Sequence[str]
    people: Sequence[Person] = PEOPLE
    clock: Callable[[], datetime] = _now
    _codes: dict[str, _GrantedCode] = field(default_factory=dict)

    def handle_request(self, method: str, path: str, query: str = "", body: str = "") -> SignInResponse:
        """Handle `/oauth2/authorize`, `/oauth2/token` and `/.well-known/jwks.json`."""
        if path == "/oauth2/authorize" and method == "GET":
            return self._authorize(_parse_query(query))
        if path == "/oauth2/token" and method == "POST":
            return self._token(_parse_query(body))
        if path == "/.well-known/jwks.json" and method == "GET":
            return _json_response(200, self.pool.jwks())
        return _json_response(404, {"error": "not_found"})

    def _authorize(self, parameters: Mapping[str, str]) -> SignInResponse:
        # Never redirect to an address that isn't the application's, because that would disclose the code.
        if parameters.get("client_id") != self.pool.client_id or parameters.get("redirect_uri") not in self.redirects:
            return _json_response(400, {"error": "invalid_request"})
        is_invalid = parameters.get("response_type") != "code" or parameters.get("code_challenge_method") != "S256"
        if is_invalid or not parameters.get("code_challenge"):
            return _redirect_response(parameters, error="invalid_request")
        person = next((p for p in self.people if p.facebook_id == parameters.get("person")), None)
        if person is None:
            return self._person_choice(parameters)
        code = secrets.token_urlsafe(24)
        self._codes[code] = _GrantedCode(
            person,
            parameters["redirect_uri"],
            parameters["code_challenge"],
            parameters.get("nonce"),
            self.clock() + _CODE_LIFETIME,
        )
        return _redirect_response(parameters, code=code)

    def _person_choice(self, parameters: Mapping[str, str]) -> SignInResponse:
        links = "".join(
            f'<a href="?{html.escape(urlencode({**parameters, "person": p.facebook_id}))}">'
            f"Continue with Facebook (simulated)<br>as {html.escape(p.name)}{' · agent' if p.groups else ''}</a>"
            for p in self.people
        )
        text = (
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Sign in</title>'
            f"<style>{_STYLE}</style><main><h1>Sign in</h1>"
            f"<small>User pool of {html.escape(self.pool.region)}, simulated. No password is needed.</small>"
            f"{links}</main></html>"
        )
        policy = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
        return SignInResponse(
            200, {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}, text
        )

    def _token(self, parameters: Mapping[str, str]) -> SignInResponse:
        # Remove the code before checking it, because a code is valid for one try only.
        granted = self._codes.pop(parameters.get("code", ""), None)
        if parameters.get("grant_type") != "authorization_code" or parameters.get("client_id") != self.pool.client_id:
            return _json_response(400, {"error": "invalid_request"})
        digest = hashlib.sha256(parameters.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            granted is None
            or granted.expires_at < self.clock()
            or granted.redirect_uri != parameters.get("redirect_uri")
            or not secrets.compare_digest(granted.challenge, challenge)
        ):
            return _json_response(400, {"error": "invalid_grant"})
        return _json_response(200, self.pool.issue_tokens(granted.person, now=self.clock(), nonce=granted.nonce))


def _parse_query(encoded: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(encoded).items()}


def _json_response(status: int, body: object) -> SignInResponse:
    return SignInResponse(status, {"Content-Type": "application/json", "Cache-Control": "no-store"}, json.dumps(body))


def _redirect_response(parameters: Mapping[str, str], **values: str) -> SignInResponse:
    query = {**values, **({"state": parameters["state"]} if "state" in parameters else {})}
    return SignInResponse(
        302, {"Location": f"{parameters['redirect_uri']}?{urlencode(query)}", "Cache-Control": "no-store"}
    )
