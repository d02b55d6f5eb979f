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
from leeward.twin.events.alarms.metric_store import MetricStore, period_start_before
from leeward.twin.events.alarms.metric_sums import MetricTerm, UnsupportedMetricMath, parse_terms, sum_terms

_EXTRA_PERIODS = 2


class AlarmState(StrEnum):
    """An alarm's state, as AWS writes it."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class UnsupportedAlarm(TwinError):
    """An alarm of a kind that the twin does not evaluate; the text says which and why."""


_COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
_MISSING_DATA_TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")


@dataclass(frozen=True, slots=True)
class MetricAlarm:
    """AWS::CloudWatch::Alarm on one metric, or on a sum of several."""

    name: str
    arn: str
    description: str
    terms: tuple[MetricTerm, ...]
    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    comparison: str
    threshold: float
    treat_missing_data: str

    @classmethod
    def from_properties(cls, properties: Mapping[str, Any], name: str, arn: str, region: str) -> MetricAlarm:
        """Raises NotEvaluated for other metric math than sums, for percentiles and for anomaly bands."""
        try:
            terms, period = parse_terms(properties, region)
        except UnsupportedMetricMath as error:
            raise UnsupportedAlarm(f"{name}: {error}") from error
        if properties["ComparisonOperator"] not in _COMPARISONS:
            raise UnsupportedAlarm(f"{name} compares by {properties['ComparisonOperator']}")
        periods = int(properties["EvaluationPeriods"])
        missing = str(properties.get("TreatMissingData", "missing"))
        if missing not in _MISSING_DATA_TREATMENTS:
            raise UnsupportedAlarm(f"{name} treats missing data as {missing}")
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

    def read_periods(self, metrics: MetricStore, now: datetime) -> list[float | None]:
        """The evaluation range, newest first: each whole period's statistic, None where there is no figure."""
        begins = [
            period_start_before(now, self.period, n) for n in range(1, self.evaluation_periods + _EXTRA_PERIODS + 1)
        ]
        return [sum_terms(self.terms, metrics, begin, self.period) for begin in begins]

    def evaluate(self, values: Sequence[float | None], previous: AlarmState) -> AlarmState:
        """The state that follows from `seen` (newest first), where the alarm was in `before`."""
        compare = _COMPARISONS[self.comparison][0]
        # The newest figures that are there, as many as are needed.
        there = [value for value in values if value is not None][: self.evaluation_periods]
        breaching = sum(compare(value, self.threshold) for value in there)
        lacking = self.evaluation_periods - len(there)
        if lacking == 0:
            return AlarmState.ALARM if breaching >= self.datapoints_to_alarm else AlarmState.OK
        match self.treat_missing_data:
            case "breaching":
                return AlarmState.ALARM if breaching + lacking >= self.datapoints_to_alarm else AlarmState.OK
            case "notBreaching":
                return AlarmState.ALARM if breaching >= self.datapoints_to_alarm else AlarmState.OK
            case "ignore":
                return (
                    AlarmState.ALARM
                    if breaching >= self.datapoints_to_alarm
                    else AlarmState.OK
                    if there and not breaching
                    else previous
                )
        if not there:
            return AlarmState.INSUFFICIENT_DATA
        return AlarmState.ALARM if breaching >= min(self.datapoints_to_alarm, len(there)) else AlarmState.OK

    def state_reason(self, values: Sequence[float | None], state: AlarmState) -> str:
        """As CloudWatch words it."""
        there = [value for value in values if value is not None][: self.evaluation_periods]
        words, was = _COMPARISONS[self.comparison][1], "was" if state is AlarmState.ALARM else "was not"
        if not there:
            return f"Insufficient Data: {self.evaluation_periods} datapoints were unknown."
        return (
            f"Threshold Crossed: {len(there)} out of the last {self.evaluation_periods} datapoints "
            f"[{', '.join(f'{value:g}' for value in there)}] {was} {words} the threshold ({self.threshold})."
        )
