"""Decide the next stage of a gradual traffic shift, and whether the current stage has been observed long enough.

This module only decides. `lambdas.route53_shift` changes the records.
"""

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
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class ShiftSide(_Model):
    """The weighted record of one Region."""

    set_identifier: str
    value: str


class ShiftPlan(_Model):
    """A shift of users from the origin's record to the target's.

    `stages` are the target's shares in percent. [0] sends all users back to the origin. `api` and `stage` name the API
    in `region` whose 5xx responses are observed for `bake_seconds` in each stage. 0 seconds observes nothing.
    """

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

    def weighted_record(self, share: int) -> WeightedRecord:
        """Return the records that give the target `share` percent."""
        entries = tuple(
            WeightedEntry(set_identifier=side.set_identifier, value=side.value, weight=weight)
            for side, weight in ((self.target, share), (self.origin, _FULL_SHARE - share))
        )
        return WeightedRecord(
            hosted_zone=self.hosted_zone, record=self.record, type=self.type, ttl=self.ttl, entries=entries
        )

    def weights_text(self, share: int) -> str:
        """Return the weights as text for the journal."""
        return f"{self.target.set_identifier} {share}, {self.origin.set_identifier} {_FULL_SHARE - share}"


@dataclass(frozen=True, slots=True)
class ShiftProgress:
    """Progress of a shift: the stage (-1 before the first), the pending change, or the start of the observation."""

    stage: int = -1
    change: str | None = None
    since: datetime | None = None
    share: int = 0

    @property
    def next_stage(self) -> int:
        """The index of the next stage."""
        return self.stage + 1

    @property
    def text(self) -> str:
        """The text that `parse` reads."""
        return f"{self.stage}|{self.share}|{self.change or ''}|{self.since.isoformat() if self.since else ''}"

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """Return the progress that `text` describes. None means that the shift has not started."""
        if text is None:
            return cls()
        stage, share, change, since = text.split("|")
        return cls(int(stage), change or None, datetime.fromisoformat(since) if since else None, int(share))


@dataclass(frozen=True, slots=True)
class StageObservation:
    """The state of a stage: whether its bake time is over, and whether it is the last stage."""

    is_over: bool
    is_last: bool
    text: str


def observe_stage(plan: ShiftPlan, progress: ShiftProgress, rate: ErrorRate, now: datetime) -> StageObservation:
    """Compare the error rate with the plan's limit. Raises ErrorRateRisen if it is higher.

    No responses count as no errors, because unknown is not unhealthy. The text shows the number of responses.
    """
    share = plan.stages[progress.stage]
    if rate.percent > plan.most_errors_percent:
        raise ErrorRateRisen(
            f"with {share} % of the users in {plan.region}, {rate.text} were errors, "
            f"more than {plan.most_errors_percent:g} %"
        )
    # Metrics cover whole minutes, so the bake time starts at one. Otherwise a stage could end without any metrics.
    elapsed = max(0.0, (now - next_whole_minute(progress.since or now)).total_seconds())
    is_over, is_last = elapsed >= plan.bake_seconds, progress.next_stage >= len(plan.stages)
    text = f"{share} % of the users in {plan.region} for {durations.format_duration(elapsed)}; {rate.text} were errors"
    return StageObservation(is_over, is_last, text)
