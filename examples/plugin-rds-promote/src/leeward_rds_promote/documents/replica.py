"""The document of an `rds.read_replica` component, its rules, and its cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import Field

from leeward.api import (
    Application,
    ComponentModel,
    DocumentLocation,
    DocumentProblem,
    JsonObject,
    MonthCost,
    RegionName,
    ShortText,
    check_regions,
)


class ReadReplicaComponent(ComponentModel):
    """An RDS instance in the primary Region, and its read replica in the standby Region."""

    kind: Literal["rds.read_replica"]
    instances: Mapping[RegionName, ShortText] = Field(description="The identifier of the instance in each Region")


def check_component(
    component: ReadReplicaComponent, location: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    """Check that each Region has an instance."""
    yield from check_regions(component.instances, location.child("instances"), application)


def describe_for_readiness(component: ReadReplicaComponent, _application: Application) -> JsonObject:
    """Return what the readiness check needs to know."""
    return {"instances": dict(component.instances)}


def estimate_month(components: Sequence[ReadReplicaComponent]) -> MonthCost:
    """Return the cost per month. The document doesn't know the instance class, which decides it."""
    return MonthCost((), (f"{len(components)} RDS read replicas: as much as their sources",))
