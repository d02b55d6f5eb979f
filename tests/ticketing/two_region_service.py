"""The API as two Regions run it, and requests as API Gateway hands them over."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from moto import mock_aws

from workloads.ticketing.api.handler import handler
from workloads.ticketing.api.service import ticket_store
from workloads.ticketing.simulated_identity.user_pool import Person, SimulatedUserPool, build_identity_setting
from workloads.ticketing.table_schema import TABLE, create_table

HOME_REGION, OTHER_REGION = "eu-west-1", "ap-southeast-1"
PAGE = "https://tickets.example.com"
POOLS = {region: SimulatedUserPool(region) for region in (HOME_REGION, OTHER_REGION)}
IDENTITY = build_identity_setting(*POOLS.values())


@dataclass
class ApiResponse:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def kind(self) -> str:
        return self.headers.get("Content-Type", "")


@dataclass
class TicketingService:
    """Both Regions."""

    requests: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        raw: str | None = None,
        person: Person | None = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        region: str = HOME_REGION,
    ) -> ApiResponse:
        """One request to one Region. `person` signs in at the Region's own pool."""
        given = dict(headers or {})
        if person is not None:
            token = POOLS[region].issue_tokens(person)["id_token"]
        if token is not None:
            given["Authorization"] = f"Bearer {token}"
        self.requests += 1
        event = proxy_event(
            method, path, raw if raw is not None else body, given, query=query, request_id=f"request-{self.requests}"
        )
        with in_region(region, **self.environment):
            return read_answer(handler(event, None))

    def post(self, person: Person | None, at: str = HOME_REGION, /, **body: Any) -> ApiResponse:
        """POST /ticket of a body, to one Region."""
        return self.request("POST", "/ticket", body=body, person=person, region=at)

    def items(self, region: str = HOME_REGION) -> list[dict[str, Any]]:
        """Every item of a Region's table."""
        items: list[dict[str, Any]] = ticket_store.dynamodb_client(region).scan(TableName=TABLE)["Items"]
        return items

    def put_item(self, item: Mapping[str, str], region: str = HOME_REGION) -> None:
        """An operator's, or replication's, write."""
        packed = {name: {"S": text} for name, text in item.items()}
        ticket_store.dynamodb_client(region).put_item(TableName=TABLE, Item=packed)

    def replicate(self, item: Mapping[str, Any], to: str) -> None:
        """What replication does with an item."""
        ticket_store.dynamodb_client(to).put_item(TableName=TABLE, Item=item)


@contextmanager
def open_service() -> Iterator[TicketingService]:
    """Both Regions, with empty tables."""
    with mock_aws():
        for region in (HOME_REGION, OTHER_REGION):
            create_table(ticket_store.dynamodb_client(region))
        yield TicketingService()


@contextmanager
def in_region(region: str, **more: str) -> Iterator[None]:
    """The environment of the functions of a Region."""
    wanted = {
        "AWS_REGION": region,
        "TABLE_NAME": TABLE,
        "PEER_REGION": OTHER_REGION if region == HOME_REGION else HOME_REGION,
        "IDENTITY": IDENTITY,
        "ALLOWED_ORIGINS": PAGE,
        "VERSION": "test",
        **more,
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def proxy_event(
    method: str,
    path: str,
    body: Any,
    headers: Mapping[str, str],
    *,
    query: Mapping[str, str] | None,
    request_id: str,
) -> dict[str, Any]:
    """The event of a REST API's Lambda proxy integration."""
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    if text is not None and not any(name.lower() == "content-type" for name in headers):
        headers = {**headers, "Content-Type": "application/json"}
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {"requestId": request_id, "stage": "prod", "httpMethod": method, "path": f"/prod{path}"},
        "body": text,
        "isBase64Encoded": False,
    }


def read_answer(answer: Mapping[str, Any]) -> ApiResponse:
    """What API Gateway would send."""
    headers = {name: values[-1] for name, values in answer["multiValueHeaders"].items()}
    return ApiResponse(answer["statusCode"], headers, json.loads(answer["body"]) if answer["body"] else None)
