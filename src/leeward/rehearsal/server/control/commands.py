"""Models of the request bodies of the control API."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from leeward.state_machines.fields.field_types import DurationOrZero

MAX_ADVANCE = timedelta(days=30)
# Virtual seconds per real second: one day. The computer reaches its own limit far below this value.
_MAX_PACE = 86_400


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class AdvanceCommand(_Command):
    """Advance virtual time as fast as possible, by `seconds` or `until` a time with a time zone."""

    seconds: Annotated[float, Field(gt=0, le=MAX_ADVANCE.total_seconds())] | None = None
    until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _require_exactly_one(self) -> Self:
        if (self.seconds is None) == (self.until is None):
            raise ValueError("give either seconds or until")
        return self


class PaceCommand(_Command):
    """Change the pace: the number of virtual seconds per real second."""

    pace: float = Field(ge=0, le=_MAX_PACE)


class RegionOutageCommand(_Command):
    """Start an outage of the Region `dark`, or end the outage of the Region `light`.

    `black_hole` is how long a call to the unavailable Region hangs before it fails. See `ScenarioIncident`.
    """

    dark: str | None = None
    light: str | None = None
    black_hole: DurationOrZero | None = None

    @model_validator(mode="after")
    def _require_exactly_one(self) -> Self:
        if (self.dark is None) == (self.light is None):
            raise ValueError("give either dark or light")
        return self
