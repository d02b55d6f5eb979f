"""Turns the resolver's errors into problems: unknown paths and methods, and invalid fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from workloads.ticketing.api.contract.problems import ApiProblem, InvalidRequest, MethodNotAllowed, ResourceNotFound
from workloads.ticketing.api.http.request_parsing import ApiRequest

_ALLOWED_METHODS = {
    re.compile(r"/ticket"): "GET, POST, OPTIONS",
    re.compile(r"/ticket/[^/]+"): "GET, OPTIONS",
    re.compile(r"/health(/shallow)?"): "GET, OPTIONS",
}
_MAX_ERRORS = 20
# The two models of POST /ticket. Pydantic reports errors for both, but the client meant one of them.
_REQUEST_MODELS = ("NewTicket", "TicketChange")
_PLAIN_TEXT_RULE = "must be plain text: no control characters, and no `<` directly before a letter, `/`, `!` or `?`"


def build_not_found(request: ApiRequest) -> ApiProblem:
    """Return the problem for a path, or a method of a path, that doesn't exist."""
    for path, methods in _ALLOWED_METHODS.items():
        if path.fullmatch(request.path) and request.method not in methods:
            return MethodNotAllowed(f"the path accepts {methods}", headers={"Allow": methods})
    return ResourceNotFound("there is no such path")


def build_invalid_request(error: RequestValidationError, *, is_update: bool) -> InvalidRequest:
    """Return the problem with the invalid fields and the reasons. It never quotes the request, which may contain
    anything.
    """
    invalid = list(_iter_errors(error.errors(), "TicketChange" if is_update else "NewTicket"))[:_MAX_ERRORS]
    detail = "; ".join(f"{e['field'] or e['in']}: {e['problem']}" for e in invalid)
    return InvalidRequest(detail or "the request is not valid", errors=invalid)


def _iter_errors(errors: Iterable[Mapping[str, Any]], model_name: str) -> Iterable[dict[str, str]]:
    reported: set[tuple[str, str]] = set()
    for error in errors:
        location, *names = [str(part) for part in error["loc"]]
        if any(name in _REQUEST_MODELS and name != model_name for name in names):
            continue
        # The alternatives of a field's type follow its name. No body has nested fields.
        field = next((name for name in names if name not in _REQUEST_MODELS), "")
        if (location, field) in reported:
            continue
        reported.add((location, field))
        problem = (
            _PLAIN_TEXT_RULE if error["type"] == "string_pattern_mismatch" and field == "description" else error["msg"]
        )
        yield {"in": location, "field": field, "problem": str(problem)}
