"""Which AWS operations there are, by either name that people know a service by: boto3's or IAM's."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader

# boto3's name of a service -> IAM's, where they differ.
IAM_PREFIXES = {"stepfunctions": "states", "elbv2": "elasticloadbalancing", "service-quotas": "servicequotas"}
_SERVICES_BY_PREFIX = {prefix: service for service, prefix in IAM_PREFIXES.items()}


class UnknownOperation(ValueError):
    """AWS has no operation of that name."""


def resolve_operation(name: str) -> str:
    """`stepfunctions:SendTaskFailure`, as a call is known on the wire, of that or of `states:SendTaskFailure`, as our
    errors and IAM call it; `drs:*` is every operation of DRS. The last word on what there is are botocore's models.
    Raises NoSuchOperation."""
    prefix, _, operation = name.partition(":")
    service = _SERVICES_BY_PREFIX.get(prefix, prefix)
    known = _load_operations(service)
    if operation in known or (known and operation == "*"):
        return f"{service}:{operation}"
    if not known:
        raise UnknownOperation(f"{name!r}: {prefix!r} is no service of AWS; write one as drs:StartRecovery")
    near = get_close_matches(operation, known, n=1)
    meant = f"; is {prefix}:{near[0]} meant?" if near else ""
    raise UnknownOperation(f"{name!r}: {service} has no operation {operation!r}{meant}")


@lru_cache(maxsize=16)
def _load_operations(service: str) -> frozenset[str]:
    try:
        model = Loader().load_service_model(service, "service-2")
    except DataNotFoundError:  # UnknownServiceError is one
        return frozenset()
    return frozenset(model["operations"])
