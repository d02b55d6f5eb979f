"""The state of a service in a Region that no call has used.

moto creates a backend at the first call, and a new backend isn't empty: EC2 has a default VPC with its subnets, and
EventBridge a default bus. On AWS, these exist from the start. So a call that only reads changes nothing on AWS,
although the backend is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from moto.core.base_backend import BackendDict
from moto.moto_api._internal import mock_random

from leeward.twin.state_dump.backend_walk import dump_backend
from leeward.twin.state_dump.state_document import StateDocument

RegionalService = tuple[str, str]


def used_services(document: StateDocument) -> set[RegionalService]:
    """Return each service and Region that a document contains."""
    return {(key.service, key.region) for key in document}


def dump_untouched(account: str, places: Iterable[RegionalService]) -> StateDocument:
    """Return what the services hold in these Regions before the first call. The simulation isn't changed."""
    stream = mock_random.getstate()
    try:
        return {key: fields for place in places for key, fields in _dump_new_backend(account, *place).items()}
    finally:
        mock_random.setstate(stream)


def _dump_new_backend(account: str, service: str, place: str) -> StateDocument:
    *other_account, region = place.split(" ")
    owner = other_account[0] if other_account else account
    for backends in _backends_of(service):
        backend = type(backends[owner][region])(region, owner)
        return dump_backend(service, place, backend)
    return {}


def _backends_of(service: str) -> Iterator[BackendDict]:
    # Only backends that exist: looking up another one would create it.
    for backends in BackendDict._instances:
        if backends.service_name == service and any(backends.values()):
            yield backends
