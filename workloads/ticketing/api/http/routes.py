"""The paths, on Powertools' resolver: validated, and described by the OpenAPI document.

A resolver is made once per process. A route takes what it needs from the resolver's context before it calls AWS.
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


@dataclass(frozen=True, slots=True)
class HealthRequestContext:
    """What a path sees that no one signs in for."""

    store: TicketStore
    settings: Settings
    now: datetime


def _problem_responses(*statuses: int) -> dict[int, Any]:
    content = {CONTENT_TYPE: {"model": ProblemDocument}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


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
    given: dict[str, str | list[str]] = {**(headers or {})}
    return Response(status, content_type="application/json", body=text, headers=given)


def _problem_response(problem: ApiProblem) -> Response[Any]:
    headers: dict[str, str | list[str]] = {**problem.headers}
    return Response(problem.status, content_type=CONTENT_TYPE, body=problem.to_json(), headers=headers)


def _success_response(model: type[BaseModel], description: str) -> dict[int, Any]:
    return {200: {"description": description, "content": {"application/json": {"model": model}}}}


@lru_cache(maxsize=1)
def build_resolver() -> APIGatewayRestResolver:
    """Return the resolver with every path. Its context has `request`, and `desk` (who is signed in) or `open`."""
    app = APIGatewayRestResolver(enable_validation=True)

    @app.get(
        "/ticket",
        operation_id="listTickets",
        summary="Your tickets, newest first; everyone's for agents",
        tags=["tickets"],
        responses={**_success_response(TicketPage, "A page"), **_problem_responses(401, 422, 503)},
        security=[{"signedIn": []}],
    )
    def list_tickets(
        limit: Annotated[int, Query(ge=1, le=_MAX_PAGE_SIZE)] = _DEFAULT_PAGE_SIZE,
        next_token: Annotated[NextToken | None, Query(alias="next")] = None,
    ) -> Response[Any]:
        ticket_context: TicketRequestContext = app.context["desk"]
        after = None if next_token is None else decode_page_token(next_token)
        found, last = ticket_context.store.list_tickets(
            None if ticket_context.user.is_agent else ticket_context.user.key, limit, after
        )
        page = TicketPage(
            Items=[s.ticket for s in found], Count=len(found), NextToken=encode_page_token(last) if last else None
        )
        return _json_response(page, exclude_none=True)

    @app.get(
        "/ticket/<ticket_id>",
        operation_id="getTicket",
        summary="One ticket, and the writes of it that were lost between the Regions",
        tags=["tickets"],
        responses={**_success_response(TicketWithLostWrites, "The ticket"), **_problem_responses(401, 404, 422, 503)},
        security=[{"signedIn": []}],
    )
    def get_ticket(ticket_id: Annotated[TicketId, Path()]) -> Response[Any]:
        return _json_response(tickets.get_ticket(app.context["desk"], ticket_id))

    @app.post(
        "/ticket",
        operation_id="postTicket",
        summary="Create a ticket; or, where an id is given, update it",
        tags=["tickets"],
        responses={
            **_success_response(Ticket, "The ticket as it now is"),
            **_problem_responses(400, 401, 404, 409, 413, 415, 422, 503),
        },
        security=[{"signedIn": []}],
    )
    def post_ticket(
        ticket: Annotated[NewTicket | TicketChange, Body()],
        idempotency_key: Annotated[ClientToken | None, Header(alias="Idempotency-Key")] = None,
    ) -> Response[Any]:
        ticket_context: TicketRequestContext = app.context["desk"]
        if isinstance(ticket, TicketChange):
            return _json_response(tickets.change_ticket(ticket_context, ticket))
        made, replayed = tickets.create_ticket(ticket_context, ticket, idempotency_key)
        return _json_response(made, headers={responses.REPLAY_HEADER: "true"} if replayed else {})

    @app.get(
        "/health",
        operation_id="getHealth",
        summary="Deep: the table, the replication, the operator's switch",
        tags=["health"],
        responses={**_success_response(DeepHealth, "Healthy"), 503: _unhealthy_response(DeepHealth)},
    )
    def get_health() -> Response[Any]:
        view: HealthRequestContext = app.context["open"]
        account, status = health.check_deep(view.store, view.settings, view.now)
        return _json_response(account, status)

    @app.get(
        "/health/shallow",
        operation_id="getShallowHealth",
        summary="Shallow: what Route 53 asks",
        tags=["health"],
        responses={**_success_response(ShallowHealth, "Healthy"), 503: _unhealthy_response(ShallowHealth)},
    )
    def get_shallow_health() -> Response[Any]:
        view: HealthRequestContext = app.context["open"]
        account, status = health.check_shallow(view.store, view.settings)
        return _json_response(account, status)

    def refuse_malformed(error: RequestValidationError) -> Response[Any]:
        return _problem_response(build_invalid_request(error, is_update=bool(app.context.get("updating"))))

    def refuse_unknown(_: NotFoundError) -> Response[Any]:
        return _problem_response(build_not_found(app.context["request"]))

    app.exception_handler(ApiProblem)(_problem_response)
    app.exception_handler(RequestValidationError)(refuse_malformed)
    app.exception_handler(NotFoundError)(refuse_unknown)
    return app
