"""`apigateway.rest_api`: a Regional REST API in each Region behind one custom domain, and how its health is judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from leeward.state_machines.components.component_model import ComponentModel
from leeward.state_machines.fields.field_types import (
    ArnPerRegion,
    DocumentModel,
    HostName,
    RegionName,
    Slug,
    TextPerRegion,
    text_matching,
)

FunctionName = Annotated[
    str, AfterValidator(text_matching(r"[A-Za-z0-9_-]{1,64}", "a Lambda function's name: letters, digits, - and _"))
]
SecretName = Annotated[
    str, AfterValidator(text_matching(r"[A-Za-z0-9/_+=.@-]{1,512}", "a secret's name: letters, digits and /_+=.@-"))
]
UrlPath = Annotated[str, AfterValidator(text_matching(r"/[^\s#]*", "a path that starts with /, such as /health"))]


class EndpointHealthCheck(DocumentModel):
    """The Route 53 health check of each Region's endpoint. Users notice after interval x threshold, and the TTL."""

    path: UrlPath = Field(description="The path that is asked for, with its query")
    interval: Literal["10s", "30s"] = Field(description="Route 53 asks every 10s (fast) or every 30s")
    threshold: Annotated[int, Field(ge=1, le=10)] = Field(description="Failures in a row that make it unhealthy")
    ids: TextPerRegion = Field(description="Each Region's health check, by id")

    @property
    def interval_seconds(self) -> int:
        """The interval in seconds."""
        return int(self.interval.removesuffix("s"))

    @property
    def detection_time(self) -> timedelta:
        """How long an endpoint may be down before Route 53 calls it unhealthy."""
        return timedelta(seconds=self.interval_seconds * self.threshold)


class RestApiComponent(ComponentModel):
    """The API, deployed to both Regions. A Region is taken out of service by its health switch, or, harder, by its
    function's reserved concurrency of 0."""

    kind: Literal["apigateway.rest_api"]
    domain: HostName = Field(description="The custom domain, the same in every Region")
    name: Slug = Field(description="The REST API's name, the same in every Region; its metrics are under it")
    stage: Slug = Field(description="The deployed stage, such as prod")
    apis: TextPerRegion = Field(description="Each Region's REST API, by id")
    endpoints: Mapping[RegionName, HostName] = Field(
        description="Each Region's own name of the custom domain (d-...execute-api...), which DNS records answer with"
    )
    certificates: ArnPerRegion = Field(description="The custom domain's certificate in each Region (ACM)")
    function: FunctionName = Field(description="The Lambda function behind the API, the same name in every Region")
    table: Slug = Field(
        description="The dynamodb.global_table that it reads and writes, and that keeps its health switch"
    )
    canary: SecretName | None = Field(
        None,
        description="The secret (Secrets Manager, a replica in each Region) with client_id, username and password of"
        " the user as whom checks sign in to the Region's user pool",
    )
    health: EndpointHealthCheck = Field(description="How Route 53 judges each Region's endpoint")
