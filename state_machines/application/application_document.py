"""Pydantic model of `application.yaml`: the Regions, objectives, components, and routing of a protected application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, Field

from leeward.state_machines.component_kinds.any_component import AnyComponent
from leeward.state_machines.fields.field_types import (
    AccountId,
    DocumentModel,
    Duration,
    HostName,
    RegionName,
    ShortText,
    Slug,
    Url,
)

C = TypeVar("C")


class Regions(DocumentModel):
    """The Region where the application normally runs, and the Region where it is recovered."""

    primary: RegionName = Field(description="The Region that serves in normal operation")
    standby: RegionName = Field(description="The Region that takes over")

    @property
    def both(self) -> tuple[str, str]:
        """Return the primary Region, then the standby Region."""
        return self.primary, self.standby


class Objectives(DocumentModel):
    """Recovery objectives: how long an outage may last, and how much data may be lost."""

    rto: Duration = Field(description="Recovery time objective, such as 30m")
    rpo: Duration = Field(description="Recovery point objective, such as 5m")
    unprotected: Duration | None = Field(
        None, description="How long a server may run without a copy to recover from, such as 4h"
    )


def _check_path(text: str) -> str:
    if not text.startswith("/") or any(c.isspace() for c in text):
        raise ValueError(f'"{text}" is not a path; expected a text that starts with /')
    return text


class SitePage(DocumentModel):
    """A page that shows whether the application is healthy."""

    path: Annotated[str, AfterValidator(_check_path)] = Field(description="The page's path, such as /catalogue")
    contains: ShortText = Field(description="Text that the page contains when the application is healthy")


class Site(DocumentModel):
    """The addresses where checks and users reach the application."""

    url: Url = Field(description="The public address")
    endpoints: Mapping[RegionName, HostName] = Field(
        description="Each Region's load balancer, for access without public DNS"
    )
    pages: Annotated[tuple[SitePage, ...], Field(min_length=1)] = Field(description="The pages that checks request")


# The usual terms for how users are routed to a Region.
VariantName: TypeAlias = Literal["failover", "latency", "weighted", "routing-control"]


class RoutingVariant(DocumentModel):
    """A way to route users: the component it uses, when to choose it, and what it depends on in a disaster."""

    component: Slug = Field(description="The records or routing controls")
    choose: ShortText = Field(description="When to choose it, in one line")
    depends_on: ShortText = Field(description="What it depends on in a disaster, in one line")


class Routing(DocumentModel):
    """The available routing variants. Only the components and runbooks of the variant in `use` are deployed."""

    use: VariantName = Field(description="The variant that is deployed")
    variants: Annotated[Mapping[VariantName, RoutingVariant], Field(min_length=1)] = Field(
        description="The available variants"
    )

    @property
    def variant_by_component(self) -> Mapping[str, VariantName]:
        """Return the variant that each component belongs to."""
        return {variant.component: name for name, variant in self.variants.items()}


class Application(DocumentModel):
    """An application: its Regions, objectives, and components."""

    application: Slug = Field(description="The application's name, equal to the name of its folder")
    description: ShortText | None = Field(None, description="A short description of the application")
    account: AccountId = Field(description='The AWS account, 12 digits in quotes: "111122223333"')
    regions: Regions = Field(description="The two Regions")
    objectives: Objectives = Field(description="RTO and RPO")
    components: Annotated[Mapping[Slug, AnyComponent], Field(min_length=1)] = Field(
        description="The resources that runbooks act on"
    )
    site: Site | None = Field(None, description="The addresses where checks and users reach the application")
    mode: Literal["active-passive", "active-active"] = Field(
        "active-passive", description="active-passive: one Region takes writes at a time; active-active: both may"
    )
    routing: Routing | None = Field(
        None, description="How users are routed to a Region, when there are several variants"
    )

    def components_of_kind(self, model: type[C]) -> Iterator[tuple[str, C]]:
        """Yield the components of one kind with their names, in document order."""
        for name, component in self.components.items():
            if isinstance(component, model):
                yield name, component

    def component(self, name: str, model: type[C]) -> C:
        """Return the component `name`, which must be an instance of `model`.

        Raises LookupError otherwise. This doesn't happen for validated documents.
        """
        component = self.components.get(name)
        if not isinstance(component, model):
            raise LookupError(f"{name} is not a {model.__name__} of {self.application}")
        return component
