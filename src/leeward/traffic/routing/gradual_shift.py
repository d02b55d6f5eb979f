"""A gradual shift: which stage is next, and whether the present one has been watched long enough. Decides, acts not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

from leeward.base import durations
from leeward.common.errors import ErrorRateRisen
from leeward.traffic.checks.error_rates import ErrorRate, next_whole_minute
from leeward.traffic.routing.weighted_records import WeightedEntry, WeightedRecord

_FULL_SHARE = 100


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ShiftSide(_Model):
    """One of the two records."""

    set_identifier: str
    value: str


class ShiftPlan(_Model):
    """The shift. `stages` are the target's shares in percent; [0] leads everybody back. `api` and `stage` name the API
    in `region` whose 5xx answers are watched; a bake time of 0 watches nothing. `undo`: it takes another one back."""

    hosted_zone: str
    record: str
    type: Literal["A", "CNAME"]
    ttl: PositiveInt
    target: ShiftSide
    origin: ShiftSide
    stages: tuple[int, ...] = Field(min_length=1, max_length=10)
    bake_seconds: NonNegativeInt
    most_errors_percent: float = Field(ge=0, le=100)
    api: str
    stage: str
    region: str
    undo: bool = False

    def weighted_record(self, share: int) -> WeightedRecord:
        """The records when the target has `share` percent."""
        entries = tuple(
            WeightedEntry(set_identifier=side.set_identifier, value=side.value, weight=weight)
            for side, weight in ((self.target, share), (self.origin, _FULL_SHARE - share))
        )
        return WeightedRecord(
            hosted_zone=self.hosted_zone, record=self.record, type=self.type, ttl=self.ttl, entries=entries
        )

    def weights_text(self, share: int) -> str:
        """For the journal."""
        return f"{self.target.set_identifier} {share}, {self.origin.set_identifier} {_FULL_SHARE - share}"


@dataclass(frozen=True, slots=True)
class ShiftProgress:
    """How far it is: the stage (-1 before the first), the change under way, or since when the stage is watched."""

    stage: int = -1
    change: str | None = None
    since: datetime | None = None
    share: int = 0

    @property
    def next_stage(self) -> int:
        """The stage that follows."""
        return self.stage + 1

    @property
    def text(self) -> str:
        """As it is noted."""
        return f"{self.stage}|{self.share}|{self.change or ''}|{self.since.isoformat() if self.since else ''}"

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """From its text; None is the beginning."""
        if text is None:
            return cls()
        stage, share, change, since = text.split("|")
        return cls(int(stage), change or None, datetime.fromisoformat(since) if since else None, int(share))


@dataclass(frozen=True, slots=True)
class StageObservation:
    """What a look at a stage found: whether its time is over, and whether it was the last."""

    is_over: bool
    is_last: bool
    text: str


def observe_stage(plan: ShiftPlan, progress: ShiftProgress, rate: ErrorRate, now: datetime) -> StageObservation:
    """Hold the error rate against the plan. Raises ErrorRateRisen. No answers at all are no errors: unknown is not
    unhealthy, and the text says so."""
    share = plan.stages[progress.stage]
    if rate.percent > plan.most_errors_percent:
        raise ErrorRateRisen(
            f"with {share} % of the users in {plan.region}, {rate.text} were errors, "
            f"more than {plan.most_errors_percent:g} %"
        )
    # Watched are whole minutes, so the bake time is counted in them: a stage is never over unseen.
    gone = max(0.0, (now - next_whole_minute(progress.since or now)).total_seconds())
    over, last = gone >= plan.bake_seconds, progress.next_stage >= len(plan.stages)
    told = f"{share} % of the users in {plan.region} for {durations.format_duration(gone)}; {rate.text} were errors"
    return StageObservation(over, last, told)
