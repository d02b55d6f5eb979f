"""Evaluates a metric alarm: its state, from the data points of its metric.

Source: CloudWatch user guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data". When data
points are missing, CloudWatch reads a few more periods than EvaluationPeriods (the evaluation range), and evaluates the
newest data points that exist. TreatMissingData applies only to those that are still missing. The number of additional
periods is not published. The guide's examples show two.
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
    """The state of an alarm, as AWS writes it."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class UnsupportedAlarm(TwinError):
    """An alarm of a kind that the twin does not evaluate. The message says which and why."""


_COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
_MISSING_DATA_TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")


@dataclass(frozen=True, slots=True)
class MetricAlarm:
    """An AWS::CloudWatch::Alarm on one metric, or on a sum of several."""

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
        """Read an alarm from its template properties.

        Raises UnsupportedAlarm for metric math other than sums, for percentiles, and for anomaly bands.
        """
        try:
            terms, period = parse_terms(properties, region)
        except UnsupportedMetricMath as error:
            raise UnsupportedAlarm(f"{name}: {error}") from error
        if properties["ComparisonOperator"] not in _COMPARISONS:
            raise UnsupportedAlarm(f"{name}: the comparison {properties['ComparisonOperator']} is not evaluated")
        periods = int(properties["EvaluationPeriods"])
        missing = str(properties.get("TreatMissingData", "missing"))
        if missing not in _MISSING_DATA_TREATMENTS:
            raise UnsupportedAlarm(f"{name}: TreatMissingData={missing} is not evaluated")
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
        """Return the statistic of each period in the evaluation range, newest first. None is a missing data point."""
        period_starts = [
            period_start_before(now, self.period, n) for n in range(1, self.evaluation_periods + _EXTRA_PERIODS + 1)
        ]
        return [sum_terms(self.terms, metrics, begin, self.period, seen_at=now) for begin in period_starts]

    def evaluate(self, values: Sequence[float | None], previous: AlarmState) -> AlarmState:
        """Return the state that follows from `values` (newest first), when the alarm was in `previous`."""
        compare = _COMPARISONS[self.comparison][0]
        # Evaluate the newest data points that exist, as many as the alarm requires.
        present_values = [value for value in values if value is not None][: self.evaluation_periods]
        breaching = sum(compare(value, self.threshold) for value in present_values)
        missing_count = self.evaluation_periods - len(present_values)
        if missing_count == 0:
            return AlarmState.ALARM if breaching >= self.datapoints_to_alarm else AlarmState.OK
        match self.treat_missing_data:
            case "breaching":
                return AlarmState.ALARM if breaching + missing_count >= self.datapoints_to_alarm else AlarmState.OK
            case "notBreaching":
                return AlarmState.ALARM if breaching >= self.datapoints_to_alarm else AlarmState.OK
            case "ignore":
                return (
                    AlarmState.ALARM
                    if breaching >= self.datapoints_to_alarm
                    else AlarmState.OK
                    if present_values and not breaching
                    else previous
                )
        if not present_values:
            return AlarmState.INSUFFICIENT_DATA
        return AlarmState.ALARM if breaching >= min(self.datapoints_to_alarm, len(present_values)) else AlarmState.OK

    def state_reason(self, values: Sequence[float | None], state: AlarmState) -> str:
        """Return the reason for the state, in CloudWatch's wording."""
        present_values = [value for value in values if value is not None][: self.evaluation_periods]
        comparison, was = _COMPARISONS[self.comparison][1], "was" if state is AlarmState.ALARM else "was not"
        if not present_values:
            return f"Insufficient Data: {self.evaluation_periods} datapoints were unknown."
        return (
            f"Threshold Crossed: {len(present_values)} out of the last {self.evaluation_periods} datapoints "
            f"[{', '.join(f'{value:g}' for value in present_values)}] "
            f"{was} {comparison} the threshold ({self.threshold})."
        )
