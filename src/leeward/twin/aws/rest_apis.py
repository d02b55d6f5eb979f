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

from leeward.twin.aws.plugin import Answer, AwsError, Backend, Service, add_service

_MADE = datetime(2026, 1, 1, tzinfo=UTC)


class NotFoundException(AwsError):
    """There is no such thing."""

    code = "NotFoundException"


@dataclass(frozen=True, slots=True)
class RestApi:
    """One API in one Region: where it is reached (the Regional name of its custom domain), and whom it asks."""

    id: str
    name: str
    stage: str
    domain: str
    endpoint: str
    function: str
    certificate: str


class RestApisBackend(Backend):
    """The APIs of one Region."""

    service: ClassVar[Service[Any]]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.apis: dict[str, RestApi] = {}
        # What is reached at a Regional name: the id of the API, None once the mapping is gone.
        self.mapped: dict[str, str | None] = {}
        self.domains: dict[str, RestApi] = {}

    def seed(self, api: RestApi) -> None:
        """Put it there, mapped to its domain."""
        self.apis[api.id] = api
        self.domains[api.domain] = api
        self.mapped[api.endpoint] = api.id

    def at(self, endpoint: str) -> RestApi | None:
        """The API that a request at this Regional name reaches; None where none is mapped, or it was deleted."""
        return self.apis.get(self.mapped.get(endpoint) or "")

    # -- operations --------------------------------------------------------------------------------

    def get_rest_apis(self, _: Mapping[str, Any]) -> Answer:
        """Every API."""
        return {"items": [_api(api) for api in self.apis.values()]}

    def get_rest_api(self, params: Mapping[str, Any]) -> Answer:
        """One API."""
        return _api(self._api(params["restApiId"]))

    def get_stage(self, params: Mapping[str, Any]) -> Answer:
        """The stage that is deployed."""
        api = self._api(params["restApiId"])
        if params["stageName"] != api.stage:
            raise NotFoundException("Invalid stage identifier specified")
        return {"stageName": api.stage, "deploymentId": f"d-{api.id}", "createdDate": _MADE}

    def delete_rest_api(self, params: Mapping[str, Any]) -> Answer:
        """What is mapped to it answers 403 Forbidden from then on."""
        del self.apis[self._api(params["restApiId"]).id]
        return {}

    def get_domain_names(self, _: Mapping[str, Any]) -> Answer:
        """Every custom domain."""
        return {"items": [_domain(api) for api in self.domains.values()]}

    def get_domain_name(self, params: Mapping[str, Any]) -> Answer:
        """One custom domain."""
        return _domain(self._domain(params["domainName"]))

    def get_base_path_mappings(self, params: Mapping[str, Any]) -> Answer:
        """What the domain leads to."""
        api = self._domain(params["domainName"])
        mapped = self.mapped.get(api.endpoint)
        return {"items": [{"basePath": "(none)", "restApiId": mapped, "stage": api.stage}] if mapped else []}

    def delete_base_path_mapping(self, params: Mapping[str, Any]) -> Answer:
        """The domain leads nowhere."""
        self.mapped[self._domain(params["domainName"]).endpoint] = None
        return {}

    def _api(self, api_id: str) -> RestApi:
        if api_id not in self.apis:
            raise NotFoundException(f"Invalid API identifier specified {self.account_id}:{api_id}")
        return self.apis[api_id]

    def _domain(self, name: str) -> RestApi:
        if name not in self.domains:
            raise NotFoundException("Invalid domain name identifier specified")
        return self.domains[name]


def _api(api: RestApi) -> dict[str, object]:
    configuration = {"types": ["REGIONAL"]}
    return {"id": api.id, "name": api.name, "createdDate": _MADE, "endpointConfiguration": configuration}


def _domain(api: RestApi) -> dict[str, object]:
    return {
        "domainName": api.domain,
        "regionalDomainName": api.endpoint,
        "regionalCertificateArn": api.certificate,
        "endpointConfiguration": {"types": ["REGIONAL"]},
        "domainNameStatus": "AVAILABLE",
        "securityPolicy": "TLS_1_2",
    }


SERVICE = add_service("apigateway", RestApisBackend)
