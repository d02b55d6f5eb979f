"""The state of a service in a Region that no call has used.

moto creates a backend at the first call, and a new backend isn't empty: EC2 has a default VPC with its subnets, and
EventBridge a default bus. On AWS, these exist from the start. So a call that only reads changes nothing on AWS,
although the backend is new.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from moto.backends import get_backend
from moto.core.base_backend import BackendDict
from moto.moto_api._internal import mock_random

from leeward.twin.aws.service_framework.service_plugin import find_added_service
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
    # Looking the backend up would create it.
    backend = _backends_of(service).backend(region, other_account[0] if other_account else account)
    return dump_backend(service, place, backend)


def _backends_of(service: str) -> BackendDict[Any]:
    """Return the implementation that is in use, or else the one that the first call would use."""
    for backends in BackendDict._instances:
        if backends.service_name == service:
            return backends
    added = find_added_service(service)
    return added.backends if added else cast("BackendDict[Any]", cast("Any", get_backend)(service))
