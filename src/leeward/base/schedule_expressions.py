"""Parses, validates, and computes EventBridge Scheduler expressions: `cron(0 10 ? * TUE *)` and `rate(7 days)`.

Source: docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html. A cron schedule does not fire in the hour
that the clock skips in spring. It fires once in the hour that occurs twice in autumn.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if number}
_WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)}
# Minutes, hours, day of month, month, day of week, year: the minimum, the maximum, and the names.
_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (1, 7, _WEEKDAYS),
    (1970, 2199, {}),
)
_RATE_PATTERN = re.compile(r"rate\((\d+) (minute|minutes|hour|hours|day|days)\)")
_RATE_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
# A cron expression that matches no day within this time, such as 31 February, never fires.
_MAX_GAP_DAYS = 366 * 8


@dataclass(frozen=True, slots=True)
class RateSchedule:
    """A rate schedule: fires at a fixed interval, starting when the schedule is created."""

    interval: timedelta

    def fire_times(self, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Yield each time after `after` (the schedule's creation), in UTC. The zone is ignored."""
        del zone
        while True:
            after += self.interval
            yield after.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class CronSchedule:
    """A cron schedule with six fields. Either `days` or `weekdays` is `?`."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: str
    months: frozenset[int]
    weekdays: str
    years: frozenset[int]

    def fire_times(self, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Yield each time after `after`, in UTC, by the clock of `zone`. Ends if the schedule never fires again."""
        day, gap_days = after.astimezone(zone).date(), 0
        while gap_days < _MAX_GAP_DAYS:
            gap_days += 1
            for moment in self._fire_times_on(day, zone):
                if moment > after:
                    gap_days = 0
                    yield moment
            day += timedelta(days=1)

    def _fire_times_on(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        if day.year not in self.years or day.month not in self.months or not self._matches_day(day):
            return
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                local = datetime.combine(day, time(hour, minute), zone)
                moment = local.astimezone(UTC)
                if moment.astimezone(zone).replace(tzinfo=None) == local.replace(
                    tzinfo=None
                ):  # else the clock skips this time
                    yield moment

    def _matches_day(self, day: date) -> bool:
        if self.weekdays != "?":
            return _matches_weekday(self.weekdays, day)
        last = calendar.monthrange(day.year, day.month)[1]
        if self.days == "L":
            return day.day == last
        if self.days.endswith("W"):
            return day.day == _nearest_weekday(day, int(self.days[:-1]), last)
        return day.day in _parse_field(self.days, 1, 31, {})


ScheduleExpression = RateSchedule | CronSchedule


def parse_schedule(text: str) -> ScheduleExpression:
    """Parse `rate(7 days)` or `cron(0 10 ? * TUE *)`. Raises ValueError that says what was expected."""
    if text.startswith("rate("):
        return _parse_rate(text)
    if not (text.startswith("cron(") and text.endswith(")")):
        raise ValueError(f'"{text}" is not a schedule; expected cron(0 10 ? * TUE *) or rate(7 days)')
    fields = text[5:-1].split()
    if len(fields) != len(_FIELDS):
        expected = "minutes hours day-of-month month day-of-week year, such as cron(0 10 ? * TUE *)"
        raise ValueError(f'"{text}" has {len(fields)} fields; expected six: {expected}')
    minutes, hours, days, months, weekdays, years = fields
    if (days == "?") == (weekdays == "?"):
        raise ValueError(f'"{text}" needs a ? in day-of-month or day-of-week, such as cron(0 10 ? * TUE *)')
    _check_days(days, weekdays)
    sets = [
        _parse_field(field, *_FIELDS[index]) for index, field in ((0, minutes), (1, hours), (3, months), (5, years))
    ]
    return CronSchedule(sets[0], sets[1], days, sets[2], weekdays.upper(), sets[3])


def _parse_rate(text: str) -> RateSchedule:
    match = _RATE_PATTERN.fullmatch(text)
    if match is None or int(match[1]) == 0 or (int(match[1]) == 1) == match[2].endswith("s"):
        raise ValueError(f'"{text}" is not a rate; expected rate(1 hour), rate(12 hours), or rate(7 days)')
    return RateSchedule(int(match[1]) * _RATE_UNITS[match[2].removesuffix("s")])


def _check_days(days: str, weekdays: str) -> None:
    if days not in ("?", "L") and not re.fullmatch(r"([1-9]|[12]\d|3[01])W", days):
        _parse_field(days, *_FIELDS[2])
    if weekdays == "?" or re.fullmatch(r"(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(?:L|#[1-5])", weekdays.upper()):
        return
    _parse_field(weekdays, *_FIELDS[4])


def _matches_weekday(field: str, day: date) -> bool:
    number = day.isoweekday() % 7 + 1
    if field.endswith("L") and field != "L":
        last = calendar.monthrange(day.year, day.month)[1]
        return number == _parse_number(field[:-1], _WEEKDAYS) and day.day > last - 7
    if "#" in field:
        word, _, nth = field.partition("#")
        return number == _parse_number(word, _WEEKDAYS) and (day.day - 1) // 7 + 1 == int(nth)
    return number in _parse_field(field, 1, 7, _WEEKDAYS)


def _nearest_weekday(day: date, wanted: int, last: int) -> int:
    """Return the day of the month of the weekday (Monday to Friday) nearest to `wanted`, within the month."""
    wanted = min(wanted, last)
    weekday = day.replace(day=wanted).isoweekday()
    if weekday == 6:  # noqa: PLR2004 - Saturday
        return wanted - 1 if wanted > 1 else wanted + 2
    if weekday == 7:  # noqa: PLR2004 - Sunday
        return wanted + 1 if wanted < last else wanted - 2
    return wanted


def _parse_field(field: str, low: int, high: int, words: dict[str, int]) -> frozenset[int]:
    values: set[int] = set()
    for part in field.upper().split(","):
        span, slash, step = part.partition("/")
        if span == "*":
            first, last = low, high
        elif "-" in span:
            low_end, _, high_end = span.partition("-")
            first, last = _parse_number(low_end, words), _parse_number(high_end, words)
        else:
            first = _parse_number(span, words)
            last = high if slash else first
        if not (low <= first <= last <= high) or (slash and (not step.isdigit() or int(step) == 0)):
            raise ValueError(f'"{part}" is not valid in a schedule; expected {low} to {high}, lists, ranges, or steps')
        values |= set(range(first, last + 1, int(step) if slash else 1))
    return frozenset(values)


def _parse_number(text: str, words: dict[str, int]) -> int:
    if text in words:
        return words[text]
    return int(text) if text.isdigit() else -1
