"""Simulated `apigateway`: Regional REST APIs with a custom domain.

moto's implementation needs packages that aren't installed, and raises NotImplementedError for AWS_PROXY integrations.
Here, each API sends all requests to one Lambda function. You can read and delete REST APIs, domain names, and base path
mappings. Only the simulator creates them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from leeward.twin.aws.service_framework.service_plugin import (
    AwsError,
    OperationResult,
    ServiceBackend,
    SimulatedService,
    add_service,
)

_CREATED_AT = datetime(2026, 1, 1, tzinfo=UTC)


class NotFoundException(AwsError):
    """The resource doesn't exist."""

    code = "NotFoundException"


@dataclass(frozen=True, slots=True)
class SimulatedRestApi:
    """One API in one Region. `endpoint` is its Regional domain name, and `function` its Lambda function."""

    id: str
    name: str
    stage: str
    domain: str
    endpoint: str
    function: str
    certificate: str


class RestApisBackend(ServiceBackend):
    """The REST APIs and custom domains of one Region."""

    service: ClassVar[SimulatedService[Any]]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.apis: dict[str, SimulatedRestApi] = {}
        # Maps a Regional domain name to the API's ID, or to None after the mapping was deleted.
        self.api_ids_by_endpoint: dict[str, str | None] = {}
        self.domains: dict[str, SimulatedRestApi] = {}

    def seed_api(self, api: SimulatedRestApi) -> None:
        """Add an API that is mapped to its custom domain."""
        self.apis[api.id] = api
        self.domains[api.domain] = api
        self.api_ids_by_endpoint[api.endpoint] = api.id

    def find_by_endpoint(self, endpoint: str) -> SimulatedRestApi | None:
        """Return the API at this Regional domain name, or None if no API is mapped or the API was deleted."""
        return self.apis.get(self.api_ids_by_endpoint.get(endpoint) or "")

    # -- operations --------------------------------------------------------------------------------

    def get_rest_apis(self, _: Mapping[str, Any]) -> OperationResult:
        """Implement GetRestApis."""
        return {"items": [_api_view(api) for api in self.apis.values()]}

    def get_rest_api(self, params: Mapping[str, Any]) -> OperationResult:
        """Implement GetRestApi."""
        return _api_view(self._require_api(params["restApiId"]))

    def get_stage(self, params: Mapping[str, Any]) -> OperationResult:
        """Implement GetStage. Each API has one deployed stage."""
        api = self._require_api(params["restApiId"])
        if params["stageName"] != api.stage:
            raise NotFoundException("Invalid stage identifier specified")
        return {"stageName": api.stage, "deploymentId": f"d-{api.id}", "createdDate": _CREATED_AT}

    def delete_rest_api(self, params: Mapping[str, Any]) -> OperationResult:
        """Implement DeleteRestApi. Domains that are mapped to the API then return 403 Forbidden."""
        del self.apis[self._require_api(params["restApiId"]).id]
        return {}

    def get_domain_names(self, _: Mapping[str, Any]) -> OperationResult:
        """Implement GetDomainNames."""
        return {"items": [_domain_view(api) for api in self.domains.values()]}

    def get_domain_name(self, params: Mapping[str, Any]) -> OperationResult:
        """Implement GetDomainName."""
        return _domain_view(self._require_domain(params["domainName"]))

    def get_base_path_mappings(self, params: Mapping[str, Any]) -> OperationResult:
        """Implement GetBasePathMappings. A domain has at most one mapping."""
        api = self._require_domain(params["domainName"])
        mapped = self.api_ids_by_endpoint.get(api.endpoint)
        return {"items": [{"basePath": "(none)", "restApiId": mapped, "stage": api.stage}] if mapped else []}

    def delete_base_path_mapping(self, params: Mapping[str, Any]) -> OperationResult:
        """Implement DeleteBasePathMapping. The domain then has no API."""
        self.api_ids_by_endpoint[self._require_domain(params["domainName"]).endpoint] = None
        return {}

    def _require_api(self, api_id: str) -> SimulatedRestApi:
        if api_id not in self.apis:
            raise NotFoundException(f"Invalid API identifier specified {self.account_id}:{api_id}")
        return self.apis[api_id]

    def _require_domain(self, name: str) -> SimulatedRestApi:
        if name not in self.domains:
            raise NotFoundException("Invalid domain name identifier specified")
        return self.domains[name]


def _api_view(api: SimulatedRestApi) -> dict[str, object]:
    configuration = {"types": ["REGIONAL"]}
    return {"id": api.id, "name": api.name, "createdDate": _CREATED_AT, "endpointConfiguration": configuration}


def _domain_view(api: SimulatedRestApi) -> dict[str, object]:
    return {
        "domainName": api.domain,
        "regionalDomainName": api.endpoint,
        "regionalCertificateArn": api.certificate,
        "endpointConfiguration": {"types": ["REGIONAL"]},
        "domainNameStatus": "AVAILABLE",
        "securityPolicy": "TLS_1_2",
    }


API_GATEWAY = add_service("apigateway", RestApisBackend)
