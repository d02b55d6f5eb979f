"""The application data that the board takes from the documents, for both the command and the function.

`state_machines.deployment.board_event` builds it.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ApplicationSummary(BaseModel):
    """An application on the board. `drills` are runbooks that don't move users.

    `looked_at` lists the runbooks with readiness checks, by Region.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    name: str
    description: str
    origin: str
    target: str
    rto_objective_seconds: int
    rpo_objective_seconds: int
    drills: tuple[str, ...] = ()
    looked_at: dict[str, tuple[str, ...]] = {}
