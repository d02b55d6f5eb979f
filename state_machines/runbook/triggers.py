"""`triggers`: what starts a runbook besides a person. They stand in the runbook, beside what they start.

An *alarm* is made of signals, each a view of the origin from outside of it, and goes off when a quorum of them has
been unhealthy for a time. A *schedule* starts drills, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from leeward.base import schedule_expressions
from leeward.state_machines.fields.field_types import DocumentModel, Duration, RegionName, ShortText, Slug

# Each signal is one figure a minute, so an alarm can know of whole minutes only.
ALARM_PERIOD = timedelta(minutes=1)
# CloudWatch: an alarm with a period of a minute looks at no more than a day (PutMetricAlarm, EvaluationPeriods).
_MAX_ALARM_PERIOD = timedelta(days=1)
# EventBridge Scheduler: a flexible window is at most a day.
_MAX_SCHEDULE_WINDOW = timedelta(hours=24)


def _check_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a date; expected one such as 2026-12-24') from None
    return text


IsoDay = Annotated[str, AfterValidator(_check_day), WithJsonSchema({"type": "string", "format": "date"})]


def _check_time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{text}" is not a time zone; expected a name such as Europe/Berlin, or UTC') from None
    return text


TimeZone = Annotated[
    str, AfterValidator(_check_time_zone), WithJsonSchema({"type": "string", "examples": ["Europe/Berlin"]})
]


def _check_whole_minutes(span: timedelta) -> timedelta:
    if span % ALARM_PERIOD or span > _MAX_ALARM_PERIOD:
        raise ValueError("an alarm counts whole minutes, a day at most; expected such as 5m")
    return span


WholeMinutes = Annotated[Duration, AfterValidator(_check_whole_minutes)]


class Blackout(DocumentModel):
    """Days on which nothing starts by itself, the last included."""

    first: IsoDay = Field(alias="from", description="The first day, such as 2026-12-18")
    last: IsoDay = Field(alias="to", description="The last day, which belongs to it")
    reason: ShortText = Field(description="Why, for whoever asks why nothing started")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"the blackout ends on {self.last}, before it begins; expected a later day")
        return self

    def utc_interval(self, timezone: str) -> tuple[datetime, datetime]:
        """Its beginning and its end (which no longer belongs to it), in UTC, for the clocks of `timezone`."""
        zone = ZoneInfo(timezone)
        after = date.fromisoformat(self.last) + timedelta(days=1)
        begin, end = (datetime.combine(day, time(), zone) for day in (date.fromisoformat(self.first), after))
        return begin.astimezone(UTC), end.astimezone(UTC)


class SignalModel(DocumentModel):
    """Base of the signals; each adds `kind` as a Literal."""

    description: ShortText | None = Field(None, description="What it is, for readers")


class HttpSignal(SignalModel):
    """The site's pages, asked for once a minute, from outside the origin."""

    kind: Literal["http"]
    ask: Literal["origin", "public"] = Field(
        "origin", description="origin: straight at the origin's load balancer (default); public: through public DNS"
    )
    seen_from: RegionName | None = Field(
        None, description="The Region that asks, never the origin; by default the Region that the run enters"
    )


class ReplicationSignal(SignalModel):
    """The age of the newest data that has arrived from the origin, over every group of servers."""

    kind: Literal["replication"]
    lag: Duration = Field(description="Unhealthy when the newest data of a server is older, such as 10m")


class MetricSignal(SignalModel):
    """A metric of your own, in CloudWatch of the Region that the run enters."""

    kind: Literal["metric"]
    namespace: ShortText = Field(description="The metric's namespace")
    metric: ShortText = Field(description="The metric's name")
    dimensions: Mapping[str, str] = Field(default_factory=dict, description="The metric's dimensions")
    statistic: Literal["Average", "Maximum", "Minimum", "SampleCount", "Sum"] = Field(
        "Average", description="Of each minute"
    )
    below: float | None = Field(None, description="Unhealthy below this; give this or `above`")
    above: float | None = Field(None, description="Unhealthy above this; give this or `below`")

    @model_validator(mode="after")
    def _check_one_bound(self) -> Self:
        if (self.below is None) == (self.above is None):
            raise ValueError("the metric needs one bound; expected `below` or `above`")
        return self


AnySignal: TypeAlias = Annotated[HttpSignal | ReplicationSignal | MetricSignal, Field(discriminator="kind")]


class AlarmTrigger(DocumentModel):
    """Start the runbook when the origin is unhealthy, as seen from outside of it.

    By default the run is prepared and a person asked; `automatic: true` approves it at its start.
    """

    signals: Annotated[Mapping[Slug, AnySignal], Field(min_length=2, max_length=6)] = Field(
        description="What is looked at, by name: two at least"
    )
    quorum: Annotated[int, Field(ge=2, le=6)] = Field(
        description="How many signals must be unhealthy at once: two at least, so that no single figure starts a run"
    )
    unhealthy_for: WholeMinutes = Field(description="For how long, such as 5m; missing data is never unhealthy")
    automatic: bool = Field(
        False, description="true: run without asking; false (default): prepare, page, wait for a yes"
    )
    cool_down: Duration = Field(
        timedelta(hours=1), description="How long no other run is started after one, such as 1h"
    )
    max_runs_per_day: Annotated[int, Field(ge=1, le=24)] = Field(
        1, description="How many runs in any 24 hours, at most"
    )
    timezone: TimeZone = Field("UTC", description="Whose days the blackout means")
    blackout: tuple[Blackout, ...] = Field((), description="Days on which it asks, even if it is automatic")


def _check_expression(text: str) -> str:
    schedule_expressions.parse_schedule(text)
    return text


class ScheduleTrigger(DocumentModel):
    """Start a drill at set times. Only a runbook that is a drill may have one."""

    expression: Annotated[
        str,
        AfterValidator(_check_expression),
        WithJsonSchema({"type": "string", "pattern": r"^(cron|rate)\(.+\)$", "examples": ["cron(0 10 ? * TUE *)"]}),
    ] = Field(description="EventBridge Scheduler's: cron(0 10 ? * TUE *) or rate(7 days)")
    timezone: TimeZone = Field("UTC", description="Whose clock and whose days it means, such as Europe/Berlin")
    window: Duration | None = Field(None, description="Start at some time within this after it is due, such as 15m")
    blackout: tuple[Blackout, ...] = Field((), description="Days on which no drill starts")
    at_least_every: Duration = Field(
        description="An alarm rises when no drill has succeeded for this long, blackouts not counted, such as 8d"
    )

    @model_validator(mode="after")
    def _check_window(self) -> Self:
        if self.window is not None and (self.window > _MAX_SCHEDULE_WINDOW or self.window % ALARM_PERIOD):
            raise ValueError("the window is whole minutes, a day at most; expected such as 15m")
        return self


class Triggers(DocumentModel):
    """What starts the runbook besides a person."""

    alarm: AlarmTrigger | None = Field(None, description="When the origin is unhealthy")
    schedule: ScheduleTrigger | None = Field(None, description="At set times; drills only")
