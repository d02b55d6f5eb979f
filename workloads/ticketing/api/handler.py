"""The API's Lambda function: what every request passes through.

    preflight -> who asks -> what was sent -> the route -> the headers that every answer carries

Whatever happens, the answer is one of the API's own: API Gateway would turn an exception into a bare 502.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from workloads.ticketing.api import answers
from workloads.ticketing.api.answers import ProxyAnswer
from workloads.ticketing.api.gate import Request, json_body, request_of
from workloads.ticketing.api.identity import trust_in, user_of
from workloads.ticketing.api.problems import Broken, Problem
from workloads.ticketing.api.routes import Open, resolver
from workloads.ticketing.api.settings import Settings, from_environment
from workloads.ticketing.api.store import Store, client
from workloads.ticketing.api.tickets import Desk

_log = Logger(service="ticketing")
_FIRST_SERVER_ERROR = 500


def handler(event: Mapping[str, Any], context: Any) -> ProxyAnswer:
    """Answer a REST proxy event of API Gateway."""
    settings = from_environment()
    request = request_of(event)
    try:
        answer = _answer(event, context, request, settings)
    except Problem as problem:
        answer = answers.of_problem(problem)
    except Exception:
        _log.exception("unforeseen", extra={"request_id": request.id, "path": request.path})
        answer = answers.of_problem(Broken("the request was not carried out as far as we know", request=request.id))
    finished = answers.finished(answer, settings, request.origin)
    if finished["statusCode"] >= _FIRST_SERVER_ERROR:
        _log.warning(
            "refused",
            extra={"request_id": request.id, "path": request.path, "status": finished["statusCode"]},
        )
    return finished


def _answer(event: Mapping[str, Any], context: Any, request: Request, settings: Settings) -> Mapping[str, Any]:
    if request.method == "OPTIONS":
        return answers.of_preflight()
    now = datetime.now(UTC)
    store = Store(client(settings.region), settings.table, settings.region)
    app = resolver()
    seen: dict[str, Any] = {"request": request, "open": Open(store, settings, now)}
    if request.for_signed_in:
        user = user_of(request.headers.get("authorization"), trust_in(settings.identity))
        seen["desk"] = Desk(store, user, settings.region, now, request.id)
    if request.method == "POST" and request.path == "/ticket":
        body = json_body(event, request)
        seen["updating"] = isinstance(body.get("id"), str) and body["id"] != ""
        # What was looked at is what the route gets: not the raw text, which the resolver would read in its own way.
        event = {**event, "body": json.dumps(body), "isBase64Encoded": False, **_as_json(event)}
    app.context.update(seen)
    answered: Mapping[str, Any] = app.resolve(dict(event), context)
    return answered


def _as_json(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event's headers with the one content type that this API takes."""
    return {
        name: {**{k: v for k, v in (event.get(name) or {}).items() if k.lower() != "content-type"}, **own}
        for name, own in (
            ("headers", {"Content-Type": "application/json"}),
            ("multiValueHeaders", {"Content-Type": ["application/json"]}),
        )
    }
