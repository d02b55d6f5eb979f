"""`apigateway.rest_api`: a Regional REST API in each Region behind one custom domain, with its health checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from leeward.state_machines.component_kinds.component_model import ComponentModel
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
    """The Route 53 health check of each Region's endpoint. It makes users leave a Region that doesn't respond.

    They leave at the latest after the sum of these times: the detection by failed probes, the propagation to DNS
    answers, the TTL, longer caching by clients, an open connection, the timeout of a request, and one retry.
    """

    path: UrlPath = Field(description="The path that is requested, with its query")
    interval: Literal["10s", "30s"] = Field(description="Route 53 sends a request every 10s (fast) or every 30s")
    threshold: Annotated[int, Field(ge=1, le=10)] = Field(
        description="Failures in a row that make the endpoint unhealthy"
    )
    ids: TextPerRegion = Field(description="The ID of each Region's health check")

    @property
    def interval_seconds(self) -> int:
        """Return the interval in seconds."""
        return int(self.interval.removesuffix("s"))


class RestApiComponent(ComponentModel):
    """The API, deployed to both Regions. A Region is taken out of service by its health switch, or by setting its
    function's reserved concurrency to 0.
    """

    kind: Literal["apigateway.rest_api"]
    domain: HostName = Field(description="The custom domain, the same in every Region")
    name: Slug = Field(description="The REST API's name, the same in every Region and in its metrics")
    stage: Slug = Field(description="The deployed stage, such as prod")
    apis: TextPerRegion = Field(description="The ID of each Region's REST API")
    endpoints: Mapping[RegionName, HostName] = Field(
        description="Each Region's target name of the custom domain (d-...execute-api...), which DNS records return"
    )
    certificates: ArnPerRegion = Field(description="The custom domain's certificate in each Region (ACM)")
    function: FunctionName = Field(description="The Lambda function behind the API, the same name in every Region")
    table: Slug = Field(
        description="The dynamodb.global_table that the API reads and writes, and that stores its health switch"
    )
    canary: SecretName | None = Field(
        None,
        description="The secret (Secrets Manager, a replica in each Region) with the client_id, username, and password"
        " with which checks sign in to the Region's user pool",
    )
    health: EndpointHealthCheck = Field(description="How Route 53 checks each Region's endpoint")
