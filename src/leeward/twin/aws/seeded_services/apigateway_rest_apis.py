"""`apigateway`: Regional REST APIs behind a custom domain, as far as a failover meets them.

moto's own needs packages that are not installed, and raises NotImplementedError for AWS_PROXY integrations. Here an API
stands for the one function that it hands every request to. What is simulated: REST APIs, domain names and base path
mappings are read and deleted; nothing is made but by the world.
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
    """There is no such thing."""

    code = "NotFoundException"


@dataclass(frozen=True, slots=True)
class SimulatedRestApi:
    """One API in one Region: where it is reached (the Regional name of its custom domain), and whom it asks."""

    id: str
    name: str
    stage: str
    domain: str
    endpoint: str
    function: str
    certificate: str


class RestApisBackend(ServiceBackend):
    """The APIs of one Region."""

    service: ClassVar[SimulatedService[Any]]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.apis: dict[str, SimulatedRestApi] = {}
        # What is reached at a Regional name: the id of the API, None once the mapping is gone.
        self.api_ids_by_endpoint: dict[str, str | None] = {}
        self.domains: dict[str, SimulatedRestApi] = {}

    def seed_api(self, api: SimulatedRestApi) -> None:
        """Put it there, mapped to its domain."""
        self.apis[api.id] = api
        self.domains[api.domain] = api
        self.api_ids_by_endpoint[api.endpoint] = api.id

    def find_by_endpoint(self, endpoint: str) -> SimulatedRestApi | None:
        """The API that a request at this Regional name reaches; None where none is mapped, or it was deleted."""
        return self.apis.get(self.api_ids_by_endpoint.get(endpoint) or "")

    # -- operations --------------------------------------------------------------------------------

    def get_rest_apis(self, _: Mapping[str, Any]) -> OperationResult:
        """Every API."""
        return {"items": [_api_view(api) for api in self.apis.values()]}

    def get_rest_api(self, params: Mapping[str, Any]) -> OperationResult:
        """One API."""
        return _api_view(self._require_api(params["restApiId"]))

    def get_stage(self, params: Mapping[str, Any]) -> OperationResult:
        """The stage that is deployed."""
        api = self._require_api(params["restApiId"])
        if params["stageName"] != api.stage:
            raise NotFoundException("Invalid stage identifier specified")
        return {"stageName": api.stage, "deploymentId": f"d-{api.id}", "createdDate": _CREATED_AT}

    def delete_rest_api(self, params: Mapping[str, Any]) -> OperationResult:
        """What is mapped to it answers 403 Forbidden from then on."""
        del self.apis[self._require_api(params["restApiId"]).id]
        return {}

    def get_domain_names(self, _: Mapping[str, Any]) -> OperationResult:
        """Every custom domain."""
        return {"items": [_domain_view(api) for api in self.domains.values()]}

    def get_domain_name(self, params: Mapping[str, Any]) -> OperationResult:
        """One custom domain."""
        return _domain_view(self._require_domain(params["domainName"]))

    def get_base_path_mappings(self, params: Mapping[str, Any]) -> OperationResult:
        """What the domain leads to."""
        api = self._require_domain(params["domainName"])
        mapped = self.api_ids_by_endpoint.get(api.endpoint)
        return {"items": [{"basePath": "(none)", "restApiId": mapped, "stage": api.stage}] if mapped else []}

    def delete_base_path_mapping(self, params: Mapping[str, Any]) -> OperationResult:
        """The domain leads nowhere."""
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
