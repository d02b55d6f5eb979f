"""Claims about users: where they are sent, what serves them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

from leeward.common.claims.types.claim import Claim


class UsersMoved(ABC):
    """What the claims share that users are sent elsewhere."""

    @property
    @abstractmethod
    def setting(self) -> str:
        """Return what was set: the routing controls, a DNS record, or a Region's service."""

    @property
    @abstractmethod
    def destination(self) -> str:
        """Return the value that decides where users are sent. Equal texts of one setting mean the same place."""


class ControlsSwitched(Claim, UsersMoved):
    """Routing controls were set, which moves users. The ARNs are sorted."""

    claim: Literal["moved by controls"] = "moved by controls"
    on: tuple[str, ...]
    off: tuple[str, ...]
    accepted_by: str
    confirmed_by: str
    overridden: tuple[str, ...] = ()

    @property
    def setting(self) -> str:
        """Return the setting."""
        return "routing controls"

    @property
    def destination(self) -> str:
        """Return the controls that are on."""
        return " ".join(self.on)

    @property
    def text(self) -> str:
        """Return the states, and who confirmed them."""
        overridden = f", safety rules overridden: {', '.join(self.overridden)}" if self.overridden else ""
        taken = f"taken by {self.accepted_by}, confirmed by {self.confirmed_by}"
        return f"{len(self.on)} on, {len(self.off)} off; {taken}{overridden}"


class WeightsSet(Claim, UsersMoved):
    """The weights of a DNS record were set, which moves users, except with `is_hold`: that keeps them where they are.

    `observation` is what a gradual shift saw at its end.
    """

    claim: Literal["moved by weights"] = "moved by weights"
    record: str
    weights: str
    observation: str = ""
    is_hold: bool = False

    @property
    def setting(self) -> str:
        """Return the record."""
        return self.record

    @property
    def destination(self) -> str:
        """Return the weights."""
        return self.weights

    @property
    def text(self) -> str:
        """Return the weights, or what was observed with them."""
        return self.observation or f"{self.record}: weights are {self.weights}"


class ServiceSwitched(Claim, UsersMoved):
    """A Region's API was put in or out of service, which moves users. `deferred_for` is a Region without response."""

    claim: Literal["moved by service"] = "moved by service"
    region: str
    health: str
    writes: str | None = None
    deferred_for: str | None = None
    copies_in: tuple[str, ...] = ()

    @property
    def setting(self) -> str:
        """Return the Region."""
        return self.region

    @property
    def destination(self) -> str:
        """Return the Region with its health."""
        return f"{self.region} {self.health}"

    @property
    def text(self) -> str:
        """Return the Region's new state, or that it is deferred."""
        values = " and ".join(filter(None, (self.writes, self.health)))
        return switch_text(self.region, values, self.deferred_for, self.copies_in)


class Registered(Claim):
    """Instances serve behind a load balancer. `also` says what happened to others."""

    claim: Literal["registered"] = "registered"
    target_group: str
    name: str
    instances: tuple[str, ...]
    also: str = ""

    @property
    def text(self) -> str:
        """Return how many instances are healthy."""
        return f"{self.name}: {len(self.instances)} of {len(self.instances)} healthy{self.also}"


class Deregistered(Claim):
    """Instances no longer serve behind a load balancer, and their connections have drained."""

    claim: Literal["deregistered"] = "deregistered"
    target_group: str
    name: str
    instances: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return how many instances were deregistered."""
        return f"{self.name}: {len(self.instances)} deregistered"


class PagesServed(Claim):
    """Pages were served as expected, several times in a row."""

    claim: Literal["served"] = "served"
    urls: tuple[str, ...]
    times: int

    @property
    def text(self) -> str:
        """Return the pages."""
        return f"{', '.join(self.urls)}: as expected, {self.times} times in a row"


class TransactionServed(Claim):
    """A transaction was written and read back, several times in a row. `region` is the Region that served it."""

    claim: Literal["transaction"] = "transaction"
    url: str
    region: str | None
    times: int

    @property
    def text(self) -> str:
        """Return the transaction, and who served it."""
        served_by = f" by {self.region}" if self.region else ""
        return f"{self.url}: written and read back{served_by}, {self.times} times in a row"


def switch_text(region: str, values: str, deferred_for: str | None, copies_in: tuple[str, ...]) -> str:
    """Return the sentence about a Region's switch, which other claims share."""
    if deferred_for is None:
        return f"{region} is {values}"
    copies = ", ".join(copies_in)
    consequence = f"the copy in {copies} is replicated when it does"
    return f"deferred: {region} is to be {values}, {deferred_for} does not answer; {consequence}"
