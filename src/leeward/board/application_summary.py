"""What the documents say of an application that the board shows: the same for the command and for the function.

`state_machines.boards` makes it.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ApplicationSummary(BaseModel):
    """`drills` are runbooks that move no users; `looked_at` those that readiness looks at, by Region."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str
    origin: str
    target: str
    rto_objective_seconds: int
    rpo_objective_seconds: int
    drills: tuple[str, ...] = ()
    looked_at: dict[str, tuple[str, ...]] = {}
