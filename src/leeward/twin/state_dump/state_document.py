"""The state of simulated AWS as a document: resources by service, Region, kind, and ID, with plain fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PlainValue = bool | int | float | str | list["PlainValue"] | dict[str, "PlainValue"] | None
"""A value without references to objects. A reference to another resource is the text `<kind> <id>`."""


@dataclass(frozen=True, slots=True, order=True)
class ResourceKey:
    """The identity of a resource.

    - `service`: the service in moto's words, such as `dynamodb`.
    - `region`: the Region, or `aws` for a service or a state that an account has once. Resources of another account
      than the simulation's have the account in front: `123456789012 us-east-1`.
    - `kind`: the collection that contains the resource, such as `instances`. The kind `settings` is the backend itself.
    - `id`: the resource's key in its collection. Empty if the collection has no keys.
    """

    service: str
    region: str
    kind: str
    id: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.region, self.service, self.kind, self.id) if part)


StateDocument = Mapping[ResourceKey, Mapping[str, PlainValue]]
