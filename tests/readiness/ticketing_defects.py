"""Defects to plant into the ticketing service's healthy world, each with what takes it out again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from moto.acm.models import acm_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.route53.models import route53_backends

from leeward.twin.aws.seeded_services.apigateway_rest_apis import API_GATEWAY
from leeward.twin.interception import FaultKind
from tests.readiness.healthy_worlds import HealthyWorld
from tests.readiness.website_defects import _set, _without_item

IRELAND, SINGAPORE = "eu-west-1", "ap-southeast-1"
TABLE, FUNCTION, DOMAIN = "ticketing-tickets", "ticketing-api", "api.tickets.example.com"


@contextmanager
def no_replica(day: HealthyWorld) -> Iterator[None]:
    before = day.world.tables._regions[TABLE]
    day.world.tables.remove_replica(TABLE, IRELAND)
    yield
    day.world.tables._regions[TABLE] = before


@contextmanager
def replication_metric_missing(day: HealthyWorld) -> Iterator[None]:
    """CloudWatch has no figure, as when nothing is carried."""
    metrics = cloudwatch_backends[day.account][IRELAND]
    with _set(metrics, "metric_data", [m for m in metrics.metric_data if m.name != "ReplicationLatency"]):
        yield


@contextmanager
def lagging(day: HealthyWorld) -> Iterator[None]:
    """Twenty minutes, of an objective of fifteen."""
    dimensions = [{"Name": "TableName", "Value": TABLE}, {"Name": "ReceivingRegion", "Value": SINGAPORE}]
    figure = {"MetricName": "ReplicationLatency", "Value": 1_200_000, "Unit": "Milliseconds", "Dimensions": dimensions}
    figure["Timestamp"] = day.stage.engine.clock.now().replace(tzinfo=None) - timedelta(seconds=30)
    metrics = cloudwatch_backends[day.account][IRELAND]
    with _set(metrics, "metric_data", list(metrics.metric_data)):
        metrics.put_metric_data("AWS/DynamoDB", [figure])
        yield


@contextmanager
def no_backup(day: HealthyWorld, region: str) -> Iterator[None]:
    dynamodb = day.client("dynamodb", region)
    for on in (False, True):
        dynamodb.update_continuous_backups(
            TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on}
        )
        if not on:
            yield


def _apis(day: HealthyWorld, region: str) -> Any:
    return API_GATEWAY.region(day.account, region)


def api_deleted(day: HealthyWorld) -> Any:
    apis = _apis(day, SINGAPORE).apis
    return _without_item(apis, next(iter(apis)))


def no_domain(day: HealthyWorld) -> Any:
    return _without_item(_apis(day, SINGAPORE).domains, DOMAIN)


@contextmanager
def _domain_with(day: HealthyWorld, **changed: str) -> Iterator[None]:
    domains = _apis(day, SINGAPORE).domains
    before = domains[DOMAIN]
    domains[DOMAIN] = replace(before, **changed)
    yield
    domains[DOMAIN] = before


def domain_with_other_target(day: HealthyWorld) -> Any:
    return _domain_with(day, endpoint="d-zzzzzzzzzz.execute-api.ap-southeast-1.amazonaws.com")


def other_certificate(day: HealthyWorld) -> Any:
    return _domain_with(day, certificate="arn:aws:acm:ap-southeast-1:111122223333:certificate/other")


@contextmanager
def domain_unmapped(day: HealthyWorld) -> Iterator[None]:
    backend = _apis(day, SINGAPORE)
    before = dict(backend.api_ids_by_endpoint)
    backend.api_ids_by_endpoint.update(dict.fromkeys(before))
    yield
    backend.api_ids_by_endpoint.update(before)


@contextmanager
def other_stage(day: HealthyWorld) -> Iterator[None]:
    apis = _apis(day, SINGAPORE).apis
    name, before = next(iter(apis.items()))
    apis[name] = replace(before, stage="beta")
    yield
    apis[name] = before


def certificate(day: HealthyWorld, **changed: Any) -> Any:
    (found,) = acm_backends[day.account][SINGAPORE]._certificates.values()
    (name, value) = next(iter(changed.items()))
    return _set(found, name, value)


def expires(day: HealthyWorld, days: int) -> Any:
    return certificate(day, expires_at=day.stage.engine.clock.now() + timedelta(days=days))


def pending(day: HealthyWorld) -> Any:
    return certificate(day, status="PENDING_VALIDATION")


def no_certificate(day: HealthyWorld) -> Any:
    found = acm_backends[day.account][SINGAPORE]._certificates
    return _without_item(found, next(iter(found)))


@contextmanager
def function_stopped(day: HealthyWorld) -> Iterator[None]:
    day.client("lambda").put_function_concurrency(FunctionName=FUNCTION, ReservedConcurrentExecutions=0)
    yield
    day.client("lambda").delete_function_concurrency(FunctionName=FUNCTION)


@contextmanager
def function_gone(day: HealthyWorld) -> Iterator[None]:
    functions = day.stage.engine.functions
    gone = functions.find(FUNCTION, SINGAPORE)
    functions.remove(SINGAPORE, FUNCTION)
    yield
    _restore(day, gone)


@contextmanager
def outdated_function_code(day: HealthyWorld) -> Iterator[None]:
    functions = day.stage.engine.functions
    before = functions.find(FUNCTION, SINGAPORE)
    other = functions.find("leeward-notify", SINGAPORE)
    functions.register(SINGAPORE, FUNCTION, other.handler, environment=before.environment)
    yield
    _restore(day, before)


def _restore(day: HealthyWorld, function: Any) -> None:
    day.stage.engine.functions.register(
        function.region, function.name, function.handler, timeout_seconds=function.timeout_seconds,
        latency_seconds=function.latency_seconds, environment=function.environment,
    )  # fmt: skip


@contextmanager
def out_of_service(day: HealthyWorld) -> Iterator[None]:
    """An operator has taken the Region out, and forgotten it."""
    day.world.rest_apis.set_error_rate(SINGAPORE, 100)
    yield
    day.world.rest_apis.set_error_rate(SINGAPORE, 0)


@contextmanager
def no_canary(day: HealthyWorld) -> Iterator[None]:
    secrets = day.client("secretsmanager")
    output = secrets.get_secret_value(SecretId="ticketing/canary")["SecretString"]
    secrets.delete_secret(SecretId="ticketing/canary", ForceDeleteWithoutRecovery=True)
    yield
    secrets.create_secret(Name="ticketing/canary", SecretString=output)


def _checks(day: HealthyWorld) -> Any:
    return route53_backends[day.account]["aws"].health_checks


def _check(day: HealthyWorld) -> Any:
    return next(check for check in _checks(day).values() if str(check.fqdn).startswith(SINGAPORE))


def no_health_check(day: HealthyWorld) -> Any:
    return _without_item(_checks(day), _check(day).id)


def health_check_with(day: HealthyWorld, name: str, value: Any) -> Any:
    return _set(_check(day), name, value)


def _records(day: HealthyWorld) -> list[Any]:
    (zone,) = route53_backends[day.account]["aws"].zones.values()
    records: list[Any] = zone.rrsets
    return records


def _record(day: HealthyWorld) -> Any:
    return next(r for r in _records(day) if getattr(r, "set_identifier", None) == "singapore")


@contextmanager
def no_record(day: HealthyWorld) -> Iterator[None]:
    gone = _record(day)
    _records(day).remove(gone)
    yield
    _records(day).append(gone)


def record_with(day: HealthyWorld, name: str, value: Any) -> Any:
    return _set(_record(day), name, value)


@contextmanager
def region_unavailable(day: HealthyWorld, region: str) -> Iterator[None]:
    day.stage.engine.interceptor.schedule_outage(region, day.stage.engine.clock.now())
    yield
    day.stage.engine.interceptor.end_outage(region)


@contextmanager
def denied(day: HealthyWorld, operation: str) -> Iterator[None]:
    rule = day.stage.engine.interceptor.inject_fault(operation, FaultKind.ACCESS_DENIED, times=None)
    yield
    day.stage.engine.interceptor._fault_rules.remove(rule)
