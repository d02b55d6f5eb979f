"""`apigateway.rest_api`: a REST API in each Region behind one domain."""

from __future__ import annotations

from leeward.kinds.descriptors.component_kind import ComponentKind

KIND = ComponentKind(
    name="apigateway.rest_api",
    summary="A REST API in each Region behind one domain",
    document="leeward.state_machines.components.apigateway_rest_api:RestApiComponent",
    checks="leeward.state_machines.validate.applications.components.apigateway_rest_api:check",
)
