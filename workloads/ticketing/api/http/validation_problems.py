"""What the resolver could not take, as problems: paths and methods that are not there, fields that do not fit."""

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
# The two forms of POST /ticket. Pydantic tells of both; the client meant one of them.
_REQUEST_MODELS = ("NewTicket", "TicketChange")
_PLAIN_TEXT_RULE = "is plain text: no control characters, and no `<` directly before a letter, `/`, `!` or `?`"


def build_not_found(request: ApiRequest) -> ApiProblem:
    """For a path, or a method of a path, that does not exist."""
    for path, methods in _ALLOWED_METHODS.items():
        if path.fullmatch(request.path) and request.method not in methods:
            return MethodNotAllowed(f"it takes {methods}", headers={"Allow": methods})
    return ResourceNotFound("there is no such path")


def build_invalid_request(error: RequestValidationError, *, is_update: bool) -> InvalidRequest:
    """Which fields do not fit, and why; never what was sent, which may be anything."""
    wrong = list(_iter_errors(error.errors(), "TicketChange" if is_update else "NewTicket"))[:_MAX_ERRORS]
    said = "; ".join(f"{e['field'] or e['in']}: {e['problem']}" for e in wrong)
    return InvalidRequest(said or "the request does not fit", errors=wrong)


def _iter_errors(errors: Iterable[Mapping[str, Any]], model_name: str) -> Iterable[dict[str, str]]:
    told: set[tuple[str, str]] = set()
    for error in errors:
        place, *names = [str(part) for part in error["loc"]]
        if any(name in _REQUEST_MODELS and name != model_name for name in names):
            continue
        # A field's own alternatives come after its name; no body has fields within fields.
        field = next((name for name in names if name not in _REQUEST_MODELS), "")
        if (place, field) in told:
            continue
        told.add((place, field))
        problem = (
            _PLAIN_TEXT_RULE if error["type"] == "string_pattern_mismatch" and field == "description" else error["msg"]
        )
        yield {"in": place, "field": field, "problem": str(problem)}
