"""One metric alarm: its state, from the figures of its metric.

Source: CloudWatch user guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data". Where
figures are missing CloudWatch looks at a few periods more than EvaluationPeriods (the evaluation range) and judges the
newest figures that are there; only what is missing even then is filled in as TreatMissingData says. How many more is
not published; the guide's examples show two.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from leeward.twin.errors import TwinError
from leeward.twin.events.math import NotASum, Term, terms_of, total
from leeward.twin.events.metrics import Metrics, period_before

_MORE_PERIODS = 2


class State(StrEnum):
    """An alarm's state, as AWS writes it."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class NotEvaluated(TwinError):
    """An alarm of a kind that the twin does not evaluate; the text says which and why."""


_COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
_MISSING = ("breaching", "notBreaching", "ignore", "missing")


@dataclass(frozen=True, slots=True)
class MetricAlarm:
    """AWS::CloudWatch::Alarm on one metric, or on a sum of several."""

    name: str
    arn: str
    description: str
    terms: tuple[Term, ...]
    period: int
    periods: int
    to_alarm: int
    comparison: str
    threshold: float
    missing: str

    @classmethod
    def of(cls, properties: Mapping[str, Any], name: str, arn: str, region: str) -> MetricAlarm:
        """Raises NotEvaluated for other metric math than sums, for percentiles and for anomaly bands."""
        try:
            terms, period = terms_of(properties, region)
        except NotASum as error:
            raise NotEvaluated(f"{name}: {error}") from error
        if properties["ComparisonOperator"] not in _COMPARISONS:
            raise NotEvaluated(f"{name} compares by {properties['ComparisonOperator']}")
        periods = int(properties["EvaluationPeriods"])
        missing = str(properties.get("TreatMissingData", "missing"))
        if missing not in _MISSING:
            raise NotEvaluated(f"{name} treats missing data as {missing}")
        return cls(
            name,
            arn,
            str(properties.get("AlarmDescription", "")),
            terms,
            period,
            periods,
            int(properties.get("DatapointsToAlarm", periods)),
            str(properties["ComparisonOperator"]),
            float(properties["Threshold"]),
            missing,
        )

    def look(self, metrics: Metrics, now: datetime) -> list[float | None]:
        """The evaluation range, newest first: each whole period's statistic, None where there is no figure."""
        begins = [period_before(now, self.period, n) for n in range(1, self.periods + _MORE_PERIODS + 1)]
        return [total(self.terms, metrics, begin, self.period) for begin in begins]

    def judge(self, seen: Sequence[float | None], before: State) -> State:
        """The state that follows from `seen` (newest first), where the alarm was in `before`."""
        compare = _COMPARISONS[self.comparison][0]
        # The newest figures that are there, as many as are needed.
        there = [value for value in seen if value is not None][: self.periods]
        breaching = sum(compare(value, self.threshold) for value in there)
        lacking = self.periods - len(there)
        if lacking == 0:
            return State.ALARM if breaching >= self.to_alarm else State.OK
        match self.missing:
            case "breaching":
                return State.ALARM if breaching + lacking >= self.to_alarm else State.OK
            case "notBreaching":
                return State.ALARM if breaching >= self.to_alarm else State.OK
            case "ignore":
                return State.ALARM if breaching >= self.to_alarm else State.OK if there and not breaching else before
        if not there:
            return State.INSUFFICIENT_DATA
        return State.ALARM if breaching >= min(self.to_alarm, len(there)) else State.OK

    def reason(self, seen: Sequence[float | None], state: State) -> str:
        """As CloudWatch words it."""
        there = [value for value in seen if value is not None][: self.periods]
        words, was = _COMPARISONS[self.comparison][1], "was" if state is State.ALARM else "was not"
        if not there:
            return f"Insufficient Data: {self.periods} datapoints were unknown."
        return (
            f"Threshold Crossed: {len(there)} out of the last {self.periods} datapoints "
            f"[{', '.join(f'{value:g}' for value in there)}] {was} {words} the threshold ({self.threshold})."
        )
