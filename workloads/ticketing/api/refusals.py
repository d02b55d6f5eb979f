"""What the resolver could not take, as problems: paths and methods that are not there, fields that do not fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from workloads.ticketing.api.gate import Request
from workloads.ticketing.api.problems import Malformed, NoSuchThing, Problem, WrongMethod

_PATHS = {
    re.compile(r"/ticket"): "GET, POST, OPTIONS",
    re.compile(r"/ticket/[^/]+"): "GET, OPTIONS",
    re.compile(r"/health(/shallow)?"): "GET, OPTIONS",
}
_MOST_TOLD = 20
# The two forms of POST /ticket. Pydantic tells of both; the client meant one of them.
_FORMS = ("NewTicket", "TicketChange")
_MARKUP = "is plain text: no control characters, and no `<` directly before a letter, `/`, `!` or `?`"


def unknown(request: Request) -> Problem:
    """For a path, or a method of a path, that does not exist."""
    for path, methods in _PATHS.items():
        if path.fullmatch(request.path) and request.method not in methods:
            return WrongMethod(f"it takes {methods}", headers={"Allow": methods})
    return NoSuchThing("there is no such path")


def malformed(error: RequestValidationError, *, updating: bool) -> Malformed:
    """Which fields do not fit, and why; never what was sent, which may be anything."""
    wrong = list(_told(error.errors(), "TicketChange" if updating else "NewTicket"))[:_MOST_TOLD]
    said = "; ".join(f"{e['field'] or e['in']}: {e['problem']}" for e in wrong)
    return Malformed(said or "the request does not fit", errors=wrong)


def _told(errors: Iterable[Mapping[str, Any]], form: str) -> Iterable[dict[str, str]]:
    told: set[tuple[str, str]] = set()
    for error in errors:
        place, *names = [str(part) for part in error["loc"]]
        if any(name in _FORMS and name != form for name in names):
            continue
        # A field's own alternatives come after its name; no body has fields within fields.
        field = next((name for name in names if name not in _FORMS), "")
        if (place, field) in told:
            continue
        told.add((place, field))
        problem = _MARKUP if error["type"] == "string_pattern_mismatch" and field == "description" else error["msg"]
        yield {"in": place, "field": field, "problem": str(problem)}
