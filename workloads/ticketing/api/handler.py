"""The API's Lambda function, which handles every request.

    CORS preflight -> authentication -> body parsing -> the route -> common headers

Every response is the API's own, even after an error. API Gateway would turn an exception into a bare 502.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from workloads.ticketing.api.contract.problems import ApiProblem, UnexpectedProblem
from workloads.ticketing.api.contract.settings import Settings, load_settings
from workloads.ticketing.api.http import responses
from workloads.ticketing.api.http.request_parsing import ApiRequest, parse_json_body, parse_request
from workloads.ticketing.api.http.responses import ProxyResponse
from workloads.ticketing.api.http.routes import HealthRequestContext, build_resolver
from workloads.ticketing.api.service.authentication import authenticate_user, parse_trusted_issuers
from workloads.ticketing.api.service.ticket_store import TicketStore, dynamodb_client
from workloads.ticketing.api.service.tickets import TicketRequestContext

_log = Logger(service="ticketing")
_FIRST_SERVER_ERROR = 500


def handler(event: Mapping[str, Any], context: Any) -> ProxyResponse:
    """Handle a REST proxy event of API Gateway."""
    settings = load_settings()
    request = parse_request(event)
    try:
        response = _handle_request(event, context, request, settings)
    except ApiProblem as problem:
        response = responses.build_problem_response(problem)
    except Exception:
        _log.exception("unexpected error", extra={"request_id": request.id, "path": request.path})
        response = responses.build_problem_response(
            UnexpectedProblem("the request may not have been carried out", request=request.id)
        )
    finished = responses.add_common_headers(response, settings, request.origin)
    if finished["statusCode"] >= _FIRST_SERVER_ERROR:
        _log.warning(
            "server error",
            extra={"request_id": request.id, "path": request.path, "status": finished["statusCode"]},
        )
    return finished


def _handle_request(
    event: Mapping[str, Any], context: Any, request: ApiRequest, settings: Settings
) -> Mapping[str, Any]:
    if request.method == "OPTIONS":
        return responses.build_preflight_response()
    now = datetime.now(UTC)
    store = TicketStore(dynamodb_client(settings.region), settings.table, settings.region)
    app = build_resolver()
    values: dict[str, Any] = {"request": request, "health": HealthRequestContext(store, settings, now)}
    if request.needs_user:
        user = authenticate_user(request.headers.get("authorization"), parse_trusted_issuers(settings.identity))
        values["tickets"] = TicketRequestContext(store, user, settings.region, now, request.id)
    if request.method == "POST" and request.path == "/ticket":
        body = parse_json_body(event, request)
        values["updating"] = isinstance(body.get("id"), str) and body["id"] != ""
        # Pass the parsed body to the route. The resolver would parse the raw text differently.
        event = {**event, "body": json.dumps(body), "isBase64Encoded": False, **_with_json_content_type(event)}
    app.context.update(values)
    response: Mapping[str, Any] = app.resolve(dict(event), context)
    return response


def _with_json_content_type(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event's headers with the only content type that this API accepts."""
    return {
        name: {**{k: v for k, v in (event.get(name) or {}).items() if k.lower() != "content-type"}, **own}
        for name, own in (
            ("headers", {"Content-Type": "application/json"}),
            ("multiValueHeaders", {"Content-Type": ["application/json"]}),
        )
    }
