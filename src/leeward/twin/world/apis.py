"""The application's REST APIs on the twin: each request becomes a proxy event, and the real handler answers it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from botocore.exceptions import ClientError

from leeward.state_machines.components import RestApi
from leeward.state_machines.documents.application import Application
from leeward.twin.aws import certificates
from leeward.twin.aws.certificates import Certificate
from leeward.twin.aws.rest_apis import SERVICE, RestApisBackend
from leeward.twin.aws.rest_apis import RestApi as SimulatedApi
from leeward.twin.engine import Engine
from leeward.twin.engine.baton import current
from leeward.twin.internet.http import Request, Response

_FORBIDDEN, _FIRST_ERROR, _INTERNAL, _BAD_GATEWAY = 403, 500, 500, 502
# ACM's certificates hold 13 months, and are renewed 60 days before their end (ACM, "Managed renewal").
_RENEWED_FOR = timedelta(days=300)
_MESSAGE = {_FORBIDDEN: "Forbidden", _INTERNAL: "Internal server error", _BAD_GATEWAY: "Internal server error"}


class SimulatedApis:
    """Answers at each API's Regional name, and at the Region's own name below the domain (`<Region>.<domain>`), which
    a health check asks, past the records that it is to steer."""

    def __init__(self, engine: Engine, application: Application) -> None:
        self._engine = engine
        self._regions = application.regions.both
        self._names: dict[str, tuple[str, str]] = {}
        # Region, API, stage and minute to how many answers, and how many of them 5xx: CloudWatch's Count and 5XXError.
        self.counts: Counter[tuple[str, str, str, datetime]] = Counter()
        self.errors: Counter[tuple[str, str, str, datetime]] = Counter()
        self._broken: dict[str, int] = {}
        self._asked: Counter[str] = Counter()
        for _, api in application.of_kind(RestApi):
            for region in self._regions:
                made = SimulatedApi(
                    api.apis[region], api.name, api.stage, api.domain, api.endpoints[region], api.function,
                    api.certificates[region],
                )  # fmt: skip
                self._backend(region).seed(made)
                ends = engine.clock.now() + _RENEWED_FOR
                certificates.seed(engine.account, region, Certificate(made.certificate, made.domain, ends))
                self._names[made.endpoint] = (region, made.endpoint)
                self._names[f"{region}.{made.domain}"] = (region, made.endpoint)

    def region_of(self, dns_name: str) -> str | None:
        """The Region of the API with this name."""
        return self._names.get(dns_name, (None, ""))[0]

    def break_some(self, region: str, percent: int) -> None:
        """So many of a hundred answers of `region` are 500 from now on, spread evenly."""
        self._broken[region] = percent

    def alive(self, region: str, endpoint: str) -> bool:
        """Whether a request at the Regional name would reach a function that may run."""
        api = self._backend(region).at(endpoint)
        if api is None:
            return False
        function = self._engine.functions.find(api.function, region)
        return self._engine.functions.reserved(function) != 0

    def answer(self, dns_name: str, request: Request) -> Response:
        """API Gateway's answer. An API that is gone answers 403, a function that may not run 500 (API Gateway
        Developer Guide, "Gateway response types"; a throttled integration is an internal server error)."""
        region, endpoint = self._names[dns_name]
        api = self._backend(region).at(endpoint)
        if api is None:
            return _plain(_FORBIDDEN, region)
        response = self._invoke(api, region, request.path, request)
        minute = (region, api.name, api.stage, self._engine.clock.now().replace(second=0, microsecond=0))
        self.counts[minute] += 1
        self.errors[minute] += response.status >= _FIRST_ERROR
        return response

    def _invoke(self, api: SimulatedApi, region: str, path: str, request: Request) -> Response:
        functions = self._engine.functions
        self._asked[region] += 1
        broken = self._broken.get(region, 0)
        if self._asked[region] * broken // 100 > (self._asked[region] - 1) * broken // 100:
            return _plain(_INTERNAL, region)
        try:
            function = functions.find(api.function, region)
            functions.admit(function)
        except ClientError:
            return _plain(_INTERNAL, region)
        event = json.dumps(self._event(api, region, path, request))
        # Within a handler's own call (a check of a runbook) the function needs a task, and surroundings, of its own.
        run: Callable[..., Any] = functions.invoke_apart if current().holder.caller else functions.invoke
        invocation = run(function, event)
        if invocation.failed:
            return _plain(_BAD_GATEWAY, region)
        answer = json.loads(invocation.payload)
        several = answer.get("multiValueHeaders") or {}
        headers = {**{name: ", ".join(values) for name, values in several.items()}, **(answer.get("headers") or {})}
        return Response(int(answer["statusCode"]), str(answer.get("body") or ""), region, headers)

    def _event(self, api: SimulatedApi, region: str, path: str, request: Request) -> dict[str, object]:
        path, _, query = path.partition("?")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        headers = {"Host": request.host or api.domain, **request.headers}
        number = sum(self.counts.values()) + 1
        return {
            "resource": "/{proxy+}",
            "path": path,
            "httpMethod": request.method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": asked or None,
            "multiValueQueryStringParameters": {name: [value] for name, value in asked.items()} or None,
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
        return SERVICE.region(self._engine.account, region)


def _plain(status: int, region: str) -> Response:
    body = json.dumps({"message": _MESSAGE[status]})
    return Response(status, body, region, {"Content-Type": "application/json"})
