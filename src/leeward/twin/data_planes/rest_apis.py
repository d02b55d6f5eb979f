"""REST APIs of API Gateway: each request becomes a proxy event, which the integrated function's handler answers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from botocore.exceptions import ClientError

from leeward.twin.aws.seeded_services import acm_certificates
from leeward.twin.aws.seeded_services.acm_certificates import Certificate
from leeward.twin.aws.seeded_services.apigateway_rest_apis import API_GATEWAY, RestApisBackend, SimulatedRestApi
from leeward.twin.engine import Engine
from leeward.twin.engine.scheduling.current_scheduler import current_scheduler
from leeward.twin.internet.http import EndpointResponse, HttpRequest

_FORBIDDEN, _FIRST_SERVER_ERROR, _INTERNAL, _BAD_GATEWAY = 403, 500, 500, 502
# ACM certificates are valid for 13 months and are renewed 60 days before they expire (ACM, "Managed renewal").
_CERTIFICATE_VALIDITY = timedelta(days=300)
_GATEWAY_MESSAGES = {_FORBIDDEN: "Forbidden", _INTERNAL: "Internal server error", _BAD_GATEWAY: "Internal server error"}


class SimulatedRestApis:
    """The REST APIs of one account.

    Each API has two names: its Regional endpoint, and `<Region>.<domain>`. A health check requests the second one, so
    that the records that depend on the check do not affect it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._endpoints_by_name: dict[str, tuple[str, str]] = {}
        # Responses by Region, API, stage, and minute, and how many of them are 5xx: CloudWatch's Count and 5XXError.
        self.request_counts: Counter[tuple[str, str, str, datetime]] = Counter()
        self.error_counts: Counter[tuple[str, str, str, datetime]] = Counter()
        self._error_percent: dict[str, int] = {}
        self._requests_by_region: Counter[str] = Counter()

    def add_api(self, region: str, api: SimulatedRestApi) -> None:
        """Create an API in a Region, with the certificate of its custom domain."""
        self._backend(region).seed_api(api)
        expires_at = self._engine.clock.now() + _CERTIFICATE_VALIDITY
        acm_certificates.seed_certificate(
            self._engine.account, region, Certificate(api.certificate, api.domain, expires_at)
        )
        self._endpoints_by_name[api.endpoint] = (region, api.endpoint)
        self._endpoints_by_name[f"{region}.{api.domain}"] = (region, api.endpoint)

    def region_of(self, dns_name: str) -> str | None:
        """Return the Region of the API with this name, or None."""
        return self._endpoints_by_name.get(dns_name, (None, ""))[0]

    def set_error_rate(self, region: str, percent: int) -> None:
        """Make `percent` of the responses of `region` a 500 from now on, spread evenly."""
        self._error_percent[region] = percent

    def is_callable(self, region: str, endpoint: str) -> bool:
        """Return whether a request to the Regional endpoint would reach a function that may run."""
        api = self._backend(region).find_by_endpoint(endpoint)
        if api is None:
            return False
        function = self._engine.functions.find(api.function, region)
        return self._engine.functions.get_reserved_concurrency(function) != 0

    def answer(self, dns_name: str, request: HttpRequest) -> EndpointResponse:
        """Return API Gateway's response.

        A deleted API responds 403. A function that may not run causes a 500 (API Gateway Developer Guide, "Gateway
        response types"; a throttled integration is an internal server error).
        """
        region, endpoint = self._endpoints_by_name[dns_name]
        api = self._backend(region).find_by_endpoint(endpoint)
        if api is None:
            return _gateway_response(_FORBIDDEN, region)
        response = self._invoke_function(api, region, request.path, request)
        minute = (region, api.name, api.stage, self._engine.clock.now().replace(second=0, microsecond=0))
        self.request_counts[minute] += 1
        self.error_counts[minute] += response.status >= _FIRST_SERVER_ERROR
        return response

    def _invoke_function(self, api: SimulatedRestApi, region: str, path: str, request: HttpRequest) -> EndpointResponse:
        functions = self._engine.functions
        self._requests_by_region[region] += 1
        count = self._requests_by_region[region]
        error_percent = self._error_percent.get(region, 0)
        if (count * error_percent) // 100 > ((count - 1) * error_percent) // 100:
            return _gateway_response(_INTERNAL, region)
        try:
            function = functions.find(api.function, region)
            functions.check_concurrency(function)
        except ClientError:
            return _gateway_response(_INTERNAL, region)
        event = json.dumps(self._proxy_event(api, region, path, request))
        # When a handler sends the request, the function needs a task and an environment of its own.
        run: Callable[..., Any] = (
            functions.invoke_in_new_task if current_scheduler().running_task.calling_function else functions.invoke
        )
        invocation = run(function, event)
        if invocation.has_failed:
            return _gateway_response(_BAD_GATEWAY, region)
        answer = json.loads(invocation.payload)
        multi_value_headers = answer.get("multiValueHeaders") or {}
        headers = {
            **{name: ", ".join(values) for name, values in multi_value_headers.items()},
            **(answer.get("headers") or {}),
        }
        return EndpointResponse(int(answer["statusCode"]), str(answer.get("body") or ""), region, headers)

    def _proxy_event(self, api: SimulatedRestApi, region: str, path: str, request: HttpRequest) -> dict[str, object]:
        path, _, query = path.partition("?")
        query_parameters = dict(parse_qsl(query, keep_blank_values=True))
        headers = {"Host": request.host or api.domain, **request.headers}
        number = sum(self.request_counts.values()) + 1
        return {
            "resource": "/{proxy+}",
            "path": path,
            "httpMethod": request.method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": query_parameters or None,
            "multiValueQueryStringParameters": {name: [value] for name, value in query_parameters.items()} or None,
            "pathParameters": {"proxy": path.removeprefix("/")},
            "stageVariables": None,
            "requestContext": {
                "accountId": self._engine.account,
                "apiId": api.id,
                "stage": api.stage,
                "domainName": api.domain,
                "httpMethod": request.method,
                "path": f"/{api.stage}{path}",
                "requestId": f"{region}-{number}",
                "requestTimeEpoch": int(self._engine.clock.now().timestamp() * 1000),
                "identity": {"sourceIp": "127.0.0.1"},
            },
            "body": request.body or None,
            "isBase64Encoded": False,
        }

    def _backend(self, region: str) -> RestApisBackend:
        return API_GATEWAY.region(self._engine.account, region)


def _gateway_response(status: int, region: str) -> EndpointResponse:
    body = json.dumps({"message": _GATEWAY_MESSAGES[status]})
    return EndpointResponse(status, body, region, {"Content-Type": "application/json"})
