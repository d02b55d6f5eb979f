"""The API's errors, as problem documents (RFC 9457).

ApiProblem
├── BodyNotJson             400  there is no body, or it is not a JSON object
├── Unauthorised            401  there is no token, or it is not valid
├── ResourceNotFound        404  no such path or ticket, or the ticket belongs to another user
├── MethodNotAllowed        405
├── LostUpdate              409  the ticket has changed since it was read
├── BodyTooLarge            413
├── UnsupportedContentType  415
├── InvalidRequest          422  fields of a wrong type or length, unknown fields, markup
├── ClientTokenReused       409  the client token was used for another ticket
├── UnexpectedProblem       500  a defect in the service, which is logged
└── TemporarilyUnavailable  503  this Region can't do it now: writes are fenced, or the table doesn't respond
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

CONTENT_TYPE = "application/problem+json"
ProblemMember = str | int | Sequence[Mapping[str, str]] | Mapping[str, object]


class ApiProblem(Exception):
    """Base of all errors. `more` are members of the document in addition to those of RFC 9457."""

    status = 500
    title = "Something went wrong"
    slug = "broken"

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None, **more: ProblemMember) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = more

    def to_json(self) -> str:
        """Return the response body."""
        document: dict[str, object] = {
            "type": f"urn:ticketing:problem:{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        return json.dumps({**document, **self.members}, separators=(",", ":"))


class BodyNotJson(ApiProblem):
    """There is no body, or it is not a JSON object."""

    status, title, slug = 400, "The body is not a JSON object", "not-json"


class Unauthorised(ApiProblem):
    """There is no token, or it is not valid."""

    status, title, slug = 401, "Sign in first", "unauthorised"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


class ResourceNotFound(ApiProblem):
    """There is no such path or ticket."""

    status, title, slug = 404, "Not found", "not-found"


class MethodNotAllowed(ApiProblem):
    """The path exists and doesn't accept this method."""

    status, title, slug = 405, "The path does not accept this method", "wrong-method"


class LostUpdate(ApiProblem):
    """The ticket has changed since it was read."""

    status, title, slug = 409, "The ticket has changed since it was read", "lost-update"


class BodyTooLarge(ApiProblem):
    """The body is larger than any ticket."""

    status, title, slug = 413, "The body is too large", "too-large"


class UnsupportedContentType(ApiProblem):
    """The content type is not JSON."""

    status, title, slug = 415, "The body must be application/json", "not-json-type"


class InvalidRequest(ApiProblem):
    """The request has fields of a wrong type or length, unknown fields, or markup."""

    status, title, slug = 422, "The request is not valid", "malformed"


class ClientTokenReused(ApiProblem):
    """The client token was used for another ticket."""

    status, title, slug = 409, "The client token was used for another ticket", "token-reused"


class UnexpectedProblem(ApiProblem):
    """A defect in the service."""


class TemporarilyUnavailable(ApiProblem):
    """This Region can't handle the request now. The other Region may, or this Region a moment later."""

    status, title, slug = 503, "Try again in a moment", "try-again"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})
