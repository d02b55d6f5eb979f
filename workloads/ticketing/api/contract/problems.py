"""Every refusal, as a problem document (RFC 9457).

Problem
├── NotJson              400  there is no body, or it is not a JSON object
├── Unauthorised         401  no token, or one that does not hold
├── NoSuchThing          404  no such path or ticket; another user's ticket is no ticket of yours
├── WrongMethod          405
├── LostUpdate           409  the ticket is no longer the one that was read
├── TooLarge             413
├── NotJsonType          415
├── Malformed            422  fields of a wrong type or length, unknown fields, markup
├── TokenReused          409  the client token already made another ticket
├── Broken               500  a defect of ours: the log has it
└── TryAgain             503  this Region cannot do it now: writes are fenced, or the table does not answer
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

CONTENT_TYPE = "application/problem+json"
ProblemMember = str | int | Sequence[Mapping[str, str]] | Mapping[str, object]


class ApiProblem(Exception):
    """Base of every refusal. `more` are members of the document beyond RFC 9457's own."""

    status = 500
    title = "Something went wrong"
    slug = "broken"

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None, **more: ProblemMember) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = more

    def to_json(self) -> str:
        """The body."""
        told: dict[str, object] = {
            "type": f"urn:ticketing:problem:{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        return json.dumps({**told, **self.members}, separators=(",", ":"))


class BodyNotJson(ApiProblem):
    """There is no body, or it is not a JSON object."""

    status, title, slug = 400, "The body is not a JSON object", "not-json"


class Unauthorised(ApiProblem):
    """No token, or one that does not hold."""

    status, title, slug = 401, "Sign in first", "unauthorised"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


class ResourceNotFound(ApiProblem):
    """No such path or ticket."""

    status, title, slug = 404, "Not found", "not-found"


class MethodNotAllowed(ApiProblem):
    """The path exists and does not take this method."""

    status, title, slug = 405, "The path does not take this method", "wrong-method"


class LostUpdate(ApiProblem):
    """The ticket is no longer the one that was read."""

    status, title, slug = 409, "The ticket has changed since it was read", "lost-update"


class BodyTooLarge(ApiProblem):
    """The body is larger than any ticket."""

    status, title, slug = 413, "The body is too large", "too-large"


class UnsupportedContentType(ApiProblem):
    """The body is said to be something else than JSON."""

    status, title, slug = 415, "The body must be application/json", "not-json-type"


class InvalidRequest(ApiProblem):
    """Fields of a wrong type or length, unknown fields, markup."""

    status, title, slug = 422, "The request is not understood", "malformed"


class ClientTokenReused(ApiProblem):
    """The client token already made another ticket."""

    status, title, slug = 409, "The client token was used for another ticket", "token-reused"


class UnexpectedProblem(ApiProblem):
    """A defect of ours."""


class TemporarilyUnavailable(ApiProblem):
    """This Region cannot do it now; the other one may, and a moment later this one may too."""

    status, title, slug = 503, "Try again in a moment", "try-again"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})
