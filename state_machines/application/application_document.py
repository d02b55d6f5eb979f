"""`application.yaml`: what is protected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, Field

from leeward.state_machines.components import Component
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
    """Where the application lives and where it is recovered."""

    primary: RegionName = Field(description="The Region that serves on a normal day")
    standby: RegionName = Field(description="The Region that takes over")

    @property
    def both(self) -> tuple[str, str]:
        """Primary, then standby."""
        return self.primary, self.standby


class Objectives(DocumentModel):
    """How long an outage may last, and how much data it may cost."""

    rto: Duration = Field(description="Recovery time objective, such as 30m")
    rpo: Duration = Field(description="Recovery point objective, such as 5m")
    unprotected: Duration | None = Field(
        None, description="How long a machine may serve with no copy to recover from, such as 4h"
    )


def _check_path(text: str) -> str:
    if not text.startswith("/") or any(c.isspace() for c in text):
        raise ValueError(f'"{text}" is not a path; expected a text that starts with /')
    return text


class SitePage(DocumentModel):
    """A page that proves that the application serves."""

    path: Annotated[str, AfterValidator(_check_path)] = Field(description="The page's path, such as /catalogue")
    contains: ShortText = Field(description="A text that the page holds when it is healthy")


class Site(DocumentModel):
    """Where checks and users find the application."""

    url: Url = Field(description="The public address")
    endpoints: Mapping[RegionName, HostName] = Field(description="Each Region's load balancer, reached past public DNS")
    pages: Annotated[tuple[SitePage, ...], Field(min_length=1)] = Field(description="The pages that checks ask for")


# The field's own words for how users are led to a Region.
VariantName: TypeAlias = Literal["failover", "latency", "weighted", "routing-control"]


class RoutingVariant(DocumentModel):
    """One way to lead the users: through which component, when to choose it, what it needs in a disaster."""

    component: Slug = Field(description="The records or routing controls")
    choose: ShortText = Field(description="When to choose it, in one line")
    depends_on: ShortText = Field(description="What it depends on in a disaster, in one line")


class Routing(DocumentModel):
    """How users are led to a Region: a choice. Only the components and runbooks of `use` are deployed."""

    use: VariantName = Field(description="The variant that is deployed")
    variants: Annotated[Mapping[VariantName, RoutingVariant], Field(min_length=1)] = Field(
        description="Those to choose from"
    )

    @property
    def variant_by_component(self) -> Mapping[str, VariantName]:
        """Which variant each variant's component belongs to."""
        return {variant.component: name for name, variant in self.variants.items()}


class Application(DocumentModel):
    """An application: its Regions, objectives and components."""

    application: Slug = Field(description="The application's name, as its folder is called")
    description: ShortText | None = Field(None, description="What it is, for readers")
    account: AccountId = Field(description='The AWS account, 12 digits in quotes: "111122223333"')
    regions: Regions = Field(description="The two Regions")
    objectives: Objectives = Field(description="RTO and RPO")
    components: Annotated[Mapping[Slug, Component], Field(min_length=1)] = Field(description="What runbooks act on")
    site: Site | None = Field(None, description="Where checks and users find the application")
    mode: Literal["active-passive", "active-active"] = Field(
        "active-passive", description="active-passive: one Region takes writes at a time; active-active: both may"
    )
    routing: Routing | None = Field(None, description="How users are led to a Region, where there is a choice")

    def components_of_kind(self, model: type[C]) -> Iterator[tuple[str, C]]:
        """The components of one kind, by name, in the document's order."""
        for name, component in self.components.items():
            if isinstance(component, model):
                yield name, component

    def component(self, name: str, model: type[C]) -> C:
        """The component `name`, known to be of `model`. Raises LookupError; validated documents never do."""
        found = self.components.get(name)
        if not isinstance(found, model):
            raise LookupError(f"{name} is not a {model.__name__} of {self.application}")
        return found
