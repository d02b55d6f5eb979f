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

from workloads.ticketing.api import answers, health, tickets
from workloads.ticketing.api.models import (
    ClientToken,
    DeepHealth,
    Health,
    NewTicket,
    Page,
    ProblemDocument,
    Ticket,
    TicketChange,
    TicketId,
    TicketInFull,
)
from workloads.ticketing.api.paging import NextToken, closed, opened
from workloads.ticketing.api.problems import CONTENT_TYPE, Problem
from workloads.ticketing.api.refusals import malformed, unknown
from workloads.ticketing.api.settings import Settings
from workloads.ticketing.api.store import Store
from workloads.ticketing.api.tickets import Desk

_MOST, _USUAL = 200, 100


@dataclass(frozen=True, slots=True)
class Open:
    """What a path sees that no one signs in for."""

    store: Store
    settings: Settings
    now: datetime


def _problems(*statuses: int) -> dict[int, Any]:
    content = {CONTENT_TYPE: {"model": ProblemDocument}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def _unwell(model: type[BaseModel]) -> Any:
    return {"description": "Unhealthy, or out of service", "content": {"application/json": {"model": model}}}


def _json(
    body: BaseModel,
    status: int = HTTPStatus.OK,
    *,
    headers: Mapping[str, str] | None = None,
    exclude_none: bool = False,
) -> Response[Any]:
    text = body.model_dump_json(exclude_none=exclude_none)
    given: dict[str, str | list[str]] = {**(headers or {})}
    return Response(status, content_type="application/json", body=text, headers=given)


def _refused(problem: Problem) -> Response[Any]:
    headers: dict[str, str | list[str]] = {**problem.headers}
    return Response(problem.status, content_type=CONTENT_TYPE, body=problem.document(), headers=headers)


def _ok(model: type[BaseModel], description: str) -> dict[int, Any]:
    return {200: {"description": description, "content": {"application/json": {"model": model}}}}


@lru_cache(maxsize=1)
def resolver() -> APIGatewayRestResolver:
    """The resolver with every path. Its context has `request`, and `desk` (who is signed in) or `open` (for health)."""
    app = APIGatewayRestResolver(enable_validation=True)

    @app.get(
        "/ticket",
        operation_id="listTickets",
        summary="Your tickets, newest first; everyone's for agents",
        tags=["tickets"],
        responses={**_ok(Page, "A page"), **_problems(401, 422, 503)},
        security=[{"signedIn": []}],
    )
    def list_tickets(
        limit: Annotated[int, Query(ge=1, le=_MOST)] = _USUAL,
        next_token: Annotated[NextToken | None, Query(alias="next")] = None,
    ) -> Response[Any]:
        desk: Desk = app.context["desk"]
        after = None if next_token is None else opened(next_token)
        found, last = desk.store.page(None if desk.user.agent else desk.user.key, limit, after)
        page = Page(Items=[s.ticket for s in found], Count=len(found), NextToken=closed(last) if last else None)
        return _json(page, exclude_none=True)

    @app.get(
        "/ticket/<ticket_id>",
        operation_id="getTicket",
        summary="One ticket, and the writes of it that were lost between the Regions",
        tags=["tickets"],
        responses={**_ok(TicketInFull, "The ticket"), **_problems(401, 404, 422, 503)},
        security=[{"signedIn": []}],
    )
    def get_ticket(ticket_id: Annotated[TicketId, Path()]) -> Response[Any]:
        return _json(tickets.look_at(app.context["desk"], ticket_id))

    @app.post(
        "/ticket",
        operation_id="postTicket",
        summary="Create a ticket; or, where an id is given, update it",
        tags=["tickets"],
        responses={**_ok(Ticket, "The ticket as it now is"), **_problems(400, 401, 404, 409, 413, 415, 422, 503)},
        security=[{"signedIn": []}],
    )
    def post_ticket(
        ticket: Annotated[NewTicket | TicketChange, Body()],
        idempotency_key: Annotated[ClientToken | None, Header(alias="Idempotency-Key")] = None,
    ) -> Response[Any]:
        desk: Desk = app.context["desk"]
        if isinstance(ticket, TicketChange):
            return _json(tickets.change(desk, ticket))
        made, replayed = tickets.create(desk, ticket, idempotency_key)
        return _json(made, headers={answers.REPLAY_HEADER: "true"} if replayed else {})

    @app.get(
        "/health",
        operation_id="getHealth",
        summary="Deep: the table, the replication, the operator's switch",
        tags=["health"],
        responses={**_ok(DeepHealth, "Healthy"), 503: _unwell(DeepHealth)},
    )
    def get_health() -> Response[Any]:
        view: Open = app.context["open"]
        account, status = health.deep(view.store, view.settings, view.now)
        return _json(account, status)

    @app.get(
        "/health/shallow",
        operation_id="getShallowHealth",
        summary="Shallow: what Route 53 asks",
        tags=["health"],
        responses={**_ok(Health, "Healthy"), 503: _unwell(Health)},
    )
    def get_shallow_health() -> Response[Any]:
        view: Open = app.context["open"]
        account, status = health.shallow(view.store, view.settings)
        return _json(account, status)

    def refuse_malformed(error: RequestValidationError) -> Response[Any]:
        return _refused(malformed(error, updating=bool(app.context.get("updating"))))

    def refuse_unknown(_: NotFoundError) -> Response[Any]:
        return _refused(unknown(app.context["request"]))

    app.exception_handler(Problem)(_refused)
    app.exception_handler(RequestValidationError)(refuse_malformed)
    app.exception_handler(NotFoundError)(refuse_unknown)
    return app
