"""The names of AWS services and operations, with the service in boto3's or IAM's spelling."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader

# boto3's service name -> IAM's prefix, where they differ.
IAM_PREFIXES = {"stepfunctions": "states", "elbv2": "elasticloadbalancing", "service-quotas": "servicequotas"}
_SERVICES_BY_PREFIX = {prefix: service for service, prefix in IAM_PREFIXES.items()}


class UnknownOperation(ValueError):
    """AWS has no operation with this name."""


class UnknownService(ValueError):
    """AWS has no service with this name."""


def resolve_service(name: str) -> str:
    """Return boto3's name of a service. `name` may also be IAM's prefix, such as `states` for `stepfunctions`.

    Raises UnknownService, which suggests the nearest name.
    """
    service = _SERVICES_BY_PREFIX.get(name, name)
    known = _list_services()
    if service in known:
        return service
    near = get_close_matches(name, sorted({*known, *_SERVICES_BY_PREFIX}), n=1)
    meant = f"is {near[0]} meant?" if near else "use boto3's name, such as sns or stepfunctions"
    raise UnknownService(f"{name!r} is not an AWS service; {meant}")


def resolve_operation(name: str) -> str:
    """Return an operation in boto3's spelling, such as `stepfunctions:SendTaskFailure`, as call records use it.

    `name` may also use IAM's prefix, such as `states:SendTaskFailure`, as IAM and our errors do. `drs:*` means every
    operation of DRS. botocore's service models define which operations exist. Raises UnknownOperation.
    """
    prefix, _, operation = name.partition(":")
    service = _SERVICES_BY_PREFIX.get(prefix, prefix)
    known = _load_operations(service)
    if operation in known or (known and operation == "*"):
        return f"{service}:{operation}"
    if not known:
        raise UnknownOperation(f"{name!r}: {prefix!r} is not an AWS service; write the operation as drs:StartRecovery")
    near = get_close_matches(operation, known, n=1)
    meant = f"; is {prefix}:{near[0]} meant?" if near else ""
    raise UnknownOperation(f"{name!r}: {service} has no operation {operation!r}{meant}")


@lru_cache(maxsize=1)
def _list_services() -> frozenset[str]:
    return frozenset(Loader().list_available_services("service-2"))


@lru_cache(maxsize=16)
def _load_operations(service: str) -> frozenset[str]:
    try:
        model = Loader().load_service_model(service, "service-2")
    except DataNotFoundError:  # includes UnknownServiceError
        return frozenset()
    return frozenset(model["operations"])
