"""The API's routes, on Powertools' resolver with validation. The OpenAPI document is generated from them.

The resolver is created once per process. A route reads the request's values from the resolver's context before it calls
AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path, Query
from pydantic import BaseModel

from workloads.ticketing.api.contract.models import (
    ClientToken,
    DeepHealth,
    NewTicket,
    ProblemDocument,
    ShallowHealth,
    Ticket,
    TicketChange,
    TicketId,
    TicketPage,
    TicketWithLostWrites,
)
from workloads.ticketing.api.contract.problems import CONTENT_TYPE, ApiProblem
from workloads.ticketing.api.contract.settings import Settings
from workloads.ticketing.api.http import responses
from workloads.ticketing.api.http.page_tokens import NextToken, decode_page_token, encode_page_token
from workloads.ticketing.api.http.validation_problems import build_invalid_request, build_not_found
from workloads.ticketing.api.service import health, tickets
from workloads.ticketing.api.service.ticket_store import TicketStore
from workloads.ticketing.api.service.tickets import TicketRequestContext

_MAX_PAGE_SIZE, _DEFAULT_PAGE_SIZE = 200, 100
# Defined here because `http.HTTPStatus` has other phrases since Python 3.13, and openapi.json must not depend on the
# Python version.
_REASON_PHRASES = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class HealthRequestContext:
    """What the health routes need. They require no user."""

    store: TicketStore
    settings: Settings
    now: datetime


def _problem_responses(*statuses: int) -> dict[int, Any]:
    content = {CONTENT_TYPE: {"model": ProblemDocument}}
    return {status: {"description": _REASON_PHRASES[status], "content": content} for status in statuses}


def _unhealthy_response(model: type[BaseModel]) -> Any:
    return {"description": "Unhealthy, or out of service", "content": {"application/json": {"model": model}}}


def _json_response(
    body: BaseModel,
    status: int = HTTPStatus.OK,
    *,
    headers: Mapping[str, str] | None = None,
    exclude_none: bool = False,
) -> Response[Any]:
    text = body.model_dump_json(exclude_none=exclude_none)
    response_headers: dict[str, str | list[str]] = {**(headers or {})}
    return Response(status, content_type="application/json", body=text, headers=response_headers)


def _problem_response(problem: ApiProblem) -> Response[Any]:
    headers: dict[str, str | list[str]] = {**problem.headers}
    return Response(problem.status, content_type=CONTENT_TYPE, body=problem.to_json(), headers=headers)


def _success_response(model: type[BaseModel], description: str) -> dict[int, Any]:
    return {200: {"description": description, "content": {"application/json": {"model": model}}}}


@lru_cache(maxsize=1)
def build_resolver() -> APIGatewayRestResolver:
    """Return the resolver with all routes.

    Its context has `request`, `health`, and, for a signed-in user, `tickets`.
    """
    app = APIGatewayRestResolver(enable_validation=True)

    @app.get(
        "/ticket",
        operation_id="listTickets",
        summary="List your tickets, newest first. Agents get all users' tickets",
        tags=["tickets"],
        responses={**_success_response(TicketPage, "A page"), **_problem_responses(401, 422, 503)},
        security=[{"signedIn": []}],
    )
    def list_tickets(
        limit: Annotated[int, Query(ge=1, le=_MAX_PAGE_SIZE)] = _DEFAULT_PAGE_SIZE,
        next_token: Annotated[NextToken | None, Query(alias="next")] = None,
    ) -> Response[Any]:
        ticket_context: TicketRequestContext = app.context["tickets"]
        after = None if next_token is None else decode_page_token(next_token)
        stored, last = ticket_context.store.list_tickets(
            None if ticket_context.user.is_agent else ticket_context.user.key, limit, after
        )
        page = TicketPage(
            Items=[s.ticket for s in stored], Count=len(stored), NextToken=encode_page_token(last) if last else None
        )
        return _json_response(page, exclude_none=True)

    @app.get(
        "/ticket/<ticket_id>",
        operation_id="getTicket",
        summary="Get a ticket and those of its writes that were lost between the Regions",
        tags=["tickets"],
        responses={**_success_response(TicketWithLostWrites, "The ticket"), **_problem_responses(401, 404, 422, 503)},
        security=[{"signedIn": []}],
    )
    def get_ticket(ticket_id: Annotated[TicketId, Path()]) -> Response[Any]:
        return _json_response(tickets.get_ticket(app.context["tickets"], ticket_id))

    @app.post(
        "/ticket",
        operation_id="postTicket",
        summary="Create a ticket, or update it if it has an ID",
        tags=["tickets"],
        responses={
            **_success_response(Ticket, "The current ticket"),
            **_problem_responses(400, 401, 404, 409, 413, 415, 422, 503),
        },
        security=[{"signedIn": []}],
    )
    def post_ticket(
        ticket: Annotated[NewTicket | TicketChange, Body()],
        idempotency_key: Annotated[ClientToken | None, Header(alias="Idempotency-Key")] = None,
    ) -> Response[Any]:
        ticket_context: TicketRequestContext = app.context["tickets"]
        if isinstance(ticket, TicketChange):
            return _json_response(tickets.change_ticket(ticket_context, ticket))
        created, replayed = tickets.create_ticket(ticket_context, ticket, idempotency_key)
        return _json_response(created, headers={responses.REPLAY_HEADER: "true"} if replayed else {})

    @app.get(
        "/health",
        operation_id="getHealth",
        summary="Deep health check: the table, the replication, and the operator's switch",
        tags=["health"],
        responses={**_success_response(DeepHealth, "Healthy"), 503: _unhealthy_response(DeepHealth)},
    )
    def get_health() -> Response[Any]:
        context: HealthRequestContext = app.context["health"]
        body, status = health.check_deep(context.store, context.settings, context.now)
        return _json_response(body, status)

    @app.get(
        "/health/shallow",
        operation_id="getShallowHealth",
        summary="Shallow health check, which Route 53 requests",
        tags=["health"],
        responses={**_success_response(ShallowHealth, "Healthy"), 503: _unhealthy_response(ShallowHealth)},
    )
    def get_shallow_health() -> Response[Any]:
        context: HealthRequestContext = app.context["health"]
        body, status = health.check_shallow(context.store, context.settings)
        return _json_response(body, status)

    def refuse_malformed(error: RequestValidationError) -> Response[Any]:
        return _problem_response(build_invalid_request(error, is_update=bool(app.context.get("updating"))))

    def refuse_unknown(_: NotFoundError) -> Response[Any]:
        return _problem_response(build_not_found(app.context["request"]))

    app.exception_handler(ApiProblem)(_problem_response)
    app.exception_handler(RequestValidationError)(refuse_malformed)
    app.exception_handler(NotFoundError)(refuse_unknown)
    return app
