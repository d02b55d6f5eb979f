"""`triggers`: alarms and schedules that start a runbook automatically.

An *alarm* consists of signals, each of which observes the origin from outside it. It fires when a quorum of signals has
been unhealthy for a time. A *schedule* only starts drills.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from leeward.base import schedule_expressions
from leeward.state_machines.fields.field_types import DocumentModel, Duration, RegionName, ShortText, Slug

# Each signal has one data point per minute, so an alarm counts whole minutes.
ALARM_PERIOD = timedelta(minutes=1)
# CloudWatch: an alarm with a period of one minute evaluates at most one day (PutMetricAlarm, EvaluationPeriods).
_MAX_ALARM_PERIOD = timedelta(days=1)
# EventBridge Scheduler: a flexible window lasts at most one day.
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
        raise ValueError("an alarm counts whole minutes, at most one day; expected a duration such as 5m")
    return span


WholeMinutes = Annotated[Duration, AfterValidator(_check_whole_minutes)]


class Blackout(DocumentModel):
    """Days on which nothing starts automatically. The last day is included."""

    first: IsoDay = Field(alias="from", description="The first day, such as 2026-12-18")
    last: IsoDay = Field(alias="to", description="The last day, which is included")
    reason: ShortText = Field(description="The reason, shown when a trigger doesn't start the runbook")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"the blackout ends on {self.last}, before it begins; expected a later day")
        return self

    def utc_interval(self, timezone: str) -> tuple[datetime, datetime]:
        """Return the start and the exclusive end of the blackout in UTC. Its days are days in `timezone`."""
        zone = ZoneInfo(timezone)
        after = date.fromisoformat(self.last) + timedelta(days=1)
        begin, end = (datetime.combine(day, time(), zone) for day in (date.fromisoformat(self.first), after))
        return begin.astimezone(UTC), end.astimezone(UTC)


class SignalModel(DocumentModel):
    """Base of the signals. Each signal adds `kind` as a Literal."""

    description: ShortText | None = Field(None, description="A short description of the signal")


class HttpSignal(SignalModel):
    """Requests the site's pages once a minute, from outside the origin Region."""

    kind: Literal["http"]
    ask: Literal["origin", "public"] = Field(
        "origin", description="origin: directly at the origin's load balancer (default); public: through public DNS"
    )
    seen_from: RegionName | None = Field(
        None, description="The Region that sends the requests, never the origin. By default, the target Region"
    )


class ReplicationSignal(SignalModel):
    """The age of the newest data that has arrived from the origin, over all server groups."""

    kind: Literal["replication"]
    lag: Duration = Field(description="Unhealthy when a server's newest data is older than this, such as 10m")


class MetricSignal(SignalModel):
    """A custom CloudWatch metric in the target Region."""

    kind: Literal["metric"]
    namespace: ShortText = Field(description="The metric's namespace")
    metric: ShortText = Field(description="The metric's name")
    dimensions: Mapping[str, str] = Field(default_factory=dict, description="The metric's dimensions")
    statistic: Literal["Average", "Maximum", "Minimum", "SampleCount", "Sum"] = Field(
        "Average", description="The statistic of each minute"
    )
    below: float | None = Field(None, description="Unhealthy below this value. Set this or `above`")
    above: float | None = Field(None, description="Unhealthy above this value. Set this or `below`")

    @model_validator(mode="after")
    def _check_one_bound(self) -> Self:
        if (self.below is None) == (self.above is None):
            raise ValueError("the metric needs one bound; expected `below` or `above`")
        return self


AnySignal: TypeAlias = Annotated[HttpSignal | ReplicationSignal | MetricSignal, Field(discriminator="kind")]


class AlarmTrigger(DocumentModel):
    """Starts the runbook when signals from outside the origin report it as unhealthy.

    By default, the run waits for an operator's approval. `automatic: true` approves it when it starts.
    """

    signals: Annotated[Mapping[Slug, AnySignal], Field(min_length=2, max_length=6)] = Field(
        description="The signals by name, at least two"
    )
    quorum: Annotated[int, Field(ge=2, le=6)] = Field(
        description="How many signals must be unhealthy at once, at least two, so that no single signal starts a run"
    )
    unhealthy_for: WholeMinutes = Field(
        description="How long they must be unhealthy, such as 5m. Missing data is not unhealthy"
    )
    automatic: bool = Field(
        False, description="true: run without approval; false (default): notify the operators and wait for approval"
    )
    cool_down: Duration = Field(
        timedelta(hours=1), description="How long after a run the alarm starts no other run, such as 1h"
    )
    max_runs_per_day: Annotated[int, Field(ge=1, le=24)] = Field(
        1, description="The maximum number of runs in any 24 hours"
    )
    timezone: TimeZone = Field("UTC", description="The time zone of the blackout's days")
    blackout: tuple[Blackout, ...] = Field(
        (), description="Days on which the run needs approval even if it is automatic"
    )


def _check_expression(text: str) -> str:
    schedule_expressions.parse_schedule(text)
    return text


class ScheduleTrigger(DocumentModel):
    """Starts a drill at scheduled times. Only a drill runbook may have a schedule."""

    expression: Annotated[
        str,
        AfterValidator(_check_expression),
        WithJsonSchema({"type": "string", "pattern": r"^(cron|rate)\(.+\)$", "examples": ["cron(0 10 ? * TUE *)"]}),
    ] = Field(description="An EventBridge Scheduler expression: cron(0 10 ? * TUE *) or rate(7 days)")
    timezone: TimeZone = Field(
        "UTC", description="The time zone of the expression and the blackout, such as Europe/Berlin"
    )
    window: Duration | None = Field(None, description="The run starts at some time within this window, such as 15m")
    blackout: tuple[Blackout, ...] = Field((), description="Days on which no drill starts")
    at_least_every: Duration = Field(
        description="An alarm fires when no drill has succeeded for this long, not counting blackouts, such as 8d"
    )

    @model_validator(mode="after")
    def _check_window(self) -> Self:
        if self.window is not None and (self.window > _MAX_SCHEDULE_WINDOW or self.window % ALARM_PERIOD):
            raise ValueError("the window has whole minutes, at most one day; expected a duration such as 15m")
        return self


class Triggers(DocumentModel):
    """What starts the runbook automatically."""

    alarm: AlarmTrigger | None = Field(None, description="Starts the runbook when the origin is unhealthy")
    schedule: ScheduleTrigger | None = Field(None, description="Starts the runbook at scheduled times. Drills only")
