"""Finds the resources of every backend: each item of each collection that a backend holds, at any depth.

A backend's attribute is a collection if it is a mapping or a list of objects. Each of its items is a resource. An
attribute that is a single object, such as a tagging service, is searched for collections in the same way. All other
attributes are the fields of one resource of the kind `settings`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.core.base_backend import BackendDict

from leeward.twin.state_dump.plain_values import Paths, attributes_of, contents_of, is_code, is_scalar, key_text
from leeward.twin.state_dump.state_document import PlainValue, ResourceKey, StateDocument

SETTINGS = "settings"
# Collections within a resource whose items are resources of their own, so that a difference names the row or the
# object. All other collections within a resource are fields of it.
_INNER_COLLECTIONS = {
    ("dynamodb", "tables", "items"): "rows",
    ("s3", "buckets", "keys"): "objects",
    ("route53", "zones", "rrsets"): "records",
    ("ec2", "reservations", "instances"): "instances",
    ("stepfunctions", "state_machines", "executions"): "executions",
    ("sns", "topics", "sent_notifications"): "sent notifications",
}
# The attributes with which lists of resources identify them, most specific first.
_IDENTITIES = ("arn", "rule_arn", "id", "name", "sha256")
_BACKEND_INTERNALS = frozenset({"region_name", "account_id", "_url_module", "partition"})


# Returns the paths of the fields that a kind of resource is dumped without, or None to leave the kind out.
OmittedPaths = Callable[[str, str], Paths | None]


def dump_state(
    account: str, other_owners: Mapping[str, object] | None = None, omitted: OmittedPaths = lambda *_: ()
) -> StateDocument:
    """Return the state of all services, in every Region that a call has used.

    `account` is the simulation's own account. `other_owners` are objects that hold state outside of moto's backends, by
    the service to which their state belongs. `omitted` is called with a service and a kind.
    """
    walk = _StateWalk(omitted)
    for service, backend_account, region, backend in _all_backends():
        place = region if backend_account == account else f"{backend_account} {region}"
        walk.collect(service, place, backend)
    for service, owner in (other_owners or {}).items():
        walk.collect(service, "aws", owner)
    return walk.to_document()


def dump_backend(service: str, region: str, backend: object) -> StateDocument:
    """Return the state of one backend, which needs not be part of the simulation."""
    walk = _StateWalk(lambda *_: ())
    walk.collect(service, region, backend)
    return walk.to_document()


def _all_backends() -> Iterator[tuple[str, str, str, object]]:
    # Reading the mapping of an account creates no backend, unlike looking one up.
    for backends in BackendDict._instances:
        for account, by_region in list(backends.items()):
            for region, backend in list(by_region.items()):
                yield backends.service_name, account, region, backend


class _StateWalk:
    """The walk through all backends. It finds all resources before it converts any, because they refer to others."""

    def __init__(self, omitted: OmittedPaths) -> None:
        self._omitted = omitted
        self._resources: list[tuple[ResourceKey, object]] = []
        self._settings: dict[ResourceKey, dict[str, object]] = {}
        self._names: dict[int, str] = {}
        self._seen: set[int] = set()

    def collect(self, service: str, region: str, owner: object, prefix: str = "") -> None:
        """Find the resources of a backend, or of an object within one."""
        if id(owner) in self._seen:
            return
        self._seen.add(id(owner))
        for name, value in attributes_of(owner).items():
            # A collection without items is the same as no collection.
            if is_code(value) or _is_empty(value) or (not prefix and name in _BACKEND_INTERNALS):
                continue
            kind = f"{prefix}{name}"
            if is_scalar(value) or _is_plain_collection(value):
                key = ResourceKey(service, region, SETTINGS, "")
                self._settings.setdefault(key, {})[kind] = value
            elif isinstance(value, Mapping):
                self._collect_mapping(service, region, kind, value, "")
            elif isinstance(value, list | tuple | set):
                for item in value:
                    self._add(ResourceKey(service, region, kind, _identity(item)), item)
            else:
                self.collect(service, region, value, f"{kind}.")

    def _collect_mapping(self, service: str, region: str, kind: str, items: Mapping[Any, Any], prefix: str) -> None:
        for key, value in items.items():
            path = f"{prefix}{key_text(key)}"
            item = "(code)" if is_code(value) else value  # such as the sign-in of an app client, which exists
            if isinstance(item, Mapping) and item and not any(map(is_scalar, item.values())):
                self._collect_mapping(service, region, kind, item, f"{path}/")
            elif isinstance(item, list | tuple) and item and not _is_plain_collection(item):
                for each in item:
                    self._add(ResourceKey(service, region, kind, path), each)
            else:
                self._add(ResourceKey(service, region, kind, path), item)

    def _add(self, key: ResourceKey, item: object) -> None:
        if is_code(item) or _is_empty(item):
            return
        if self._omitted(key.service, key.kind) is not None:  # what an omitted resource contains is dumped
            self._resources.append((key, item))
        if is_scalar(item) or isinstance(item, Mapping | list | tuple | set):
            return
        self._names.setdefault(id(item), f"{key.kind} {key.id}".strip())
        for (service, kind, name), inner in _INNER_COLLECTIONS.items():
            collection = getattr(item, name, None) if (service, kind) == (key.service, key.kind) else None
            if isinstance(collection, Mapping):
                self._collect_mapping(key.service, key.region, inner, collection, f"{key.id}/")
            elif collection is not None:
                for each in collection:
                    identity = _identity(each)
                    self._add(ResourceKey(key.service, key.region, inner, f"{key.id}/{identity}"), each)

    def to_document(self) -> StateDocument:
        document: dict[ResourceKey, Mapping[str, PlainValue]] = {}
        for key, values in self._settings.items():
            document[key] = contents_of(values, self._find_name, self._omitted(key.service, key.kind) or ())
        for key, item in self._resources:
            fields = contents_of(item, self._find_name, self._omitted(key.service, key.kind) or ())
            for service, kind, name in _INNER_COLLECTIONS:
                if (service, kind) == (key.service, key.kind):
                    fields.pop(name, None)
            document[_unused_key(key, document)] = fields
        return document

    def _find_name(self, value: object) -> str | None:
        return self._names.get(id(value))


def _unused_key(key: ResourceKey, document: StateDocument) -> ResourceKey:
    number, unused = 1, key
    while unused in document:
        number += 1
        unused = ResourceKey(key.service, key.region, key.kind, f"{key.id} ({number})".strip())
    return unused


def _identity(item: object) -> str:
    attributes = attributes_of(item) if not isinstance(item, Mapping) else item
    return next((str(attributes[name]) for name in _IDENTITIES if isinstance(attributes.get(name), str)), "")


def _is_empty(value: object) -> bool:
    return isinstance(value, Mapping | list | tuple | set | frozenset) and not value


def _is_plain_collection(value: object) -> bool:
    """Return whether a list, set, or mapping contains only scalars, or nothing."""
    if isinstance(value, Mapping):
        return all(map(is_scalar, value.values()))
    return isinstance(value, list | tuple | set | frozenset) and all(map(is_scalar, value))
