"""The closed set of claims, and reading claims from a journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, TypeAlias, TypeVar, get_args

from pydantic import Field, ValidationError

from leeward.common.claims.claims_of_0_1 import read_claims_of_0_1
from leeward.common.claims.types.claim import Claim
from leeward.common.claims.types.data_claims import Arrived, Fenced, ReplicasReady
from leeward.common.claims.types.run_claims import Changed, Locked, Notified, Ready, Unsent
from leeward.common.claims.types.server_claims import (
    Deferred,
    Launched,
    Launching,
    Protected,
    Replicating,
    Reversed,
    Terminated,
)
from leeward.common.claims.types.traffic_claims import (
    ControlsSwitched,
    Deregistered,
    PagesServed,
    Registered,
    ServiceSwitched,
    TransactionServed,
    WeightsSet,
)

AnyClaim: TypeAlias = Annotated[
    Arrived
    | Changed
    | ControlsSwitched
    | Deferred
    | Deregistered
    | Fenced
    | Launched
    | Launching
    | Locked
    | Notified
    | PagesServed
    | Protected
    | Ready
    | Registered
    | ReplicasReady
    | Replicating
    | Reversed
    | ServiceSwitched
    | Terminated
    | TransactionServed
    | Unsent
    | WeightsSet,
    Field(discriminator="claim"),
]
_TYPES: Final[Mapping[str, type[Claim]]] = {
    model.model_fields["claim"].default: model for model in get_args(get_args(AnyClaim)[0])
}
_KEY = "claims"

C = TypeVar("C", bound=Claim)


def claims_to_facts(claims: Sequence[Claim]) -> dict[str, object]:
    """Return the facts of a journal entry that hold the claims. Raises TypeError for a type outside the closed set."""
    for claim in claims:
        if _TYPES.get(claim.claim) is not type(claim):
            raise TypeError(f"{type(claim).__name__} is not a type of claim. A plug-in's step reports Changed")
    return {_KEY: [claim.model_dump(mode="json") for claim in claims]} if claims else {}


def read_claims(facts: Mapping[str, object]) -> Iterator[Claim]:
    """Yield the claims of a journal entry. Types and facts of a later version, which are unknown here, are left out."""
    stored = facts.get(_KEY)
    if not isinstance(stored, list):
        yield from read_claims_of_0_1(facts)
        return
    for item in stored:
        model = _TYPES.get(str(item.get("claim"))) if isinstance(item, Mapping) else None
        if model is not None:
            try:
                yield model.model_validate({name: value for name, value in item.items() if name in model.model_fields})
            except ValidationError:
                continue


def find_claims(facts: Mapping[str, object], *types: type[C]) -> list[C]:
    """Return the claims of these types in a journal entry."""
    return [claim for claim in read_claims(facts) if isinstance(claim, types)]
