"""The terms that an alarm evaluates: a metric's statistic, or a sum of several, with `FILL(m, n)` for missing data.

Other metric math and Metrics Insights queries raise an error that names them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leeward.twin.events.alarms.metric_store import MetricId, MetricStore

_TERM = re.compile(r"\s*(?:FILL\(\s*(\w+)\s*,\s*(\d+)\s*\)|([a-z]\w*))\s*")
_STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")


class UnsupportedMetricMath(ValueError):
    """The alarm does not evaluate a sum of metrics. The message says what it evaluates."""


@dataclass(frozen=True, slots=True)
class MetricTerm:
    """The statistic of one metric. `fill_value` replaces a missing data point; None replaces nothing."""

    metric: MetricId
    statistic: str
    fill_value: float | None = None


def parse_terms(properties: Mapping[str, Any], region: str) -> tuple[tuple[MetricTerm, ...], int]:
    """Return the terms and the period of an AWS::CloudWatch::Alarm. Raises UnsupportedMetricMath."""
    if "MetricName" in properties:
        return (_parse_term(properties, str(properties.get("Statistic")), region),), int(properties["Period"])
    queries = {str(query["Id"]): query for query in properties.get("Metrics", ())}
    returned = [query for query in queries.values() if query.get("ReturnData", True)]
    if len(returned) != 1:
        raise UnsupportedMetricMath("it does not return exactly one series")
    expression = returned[0].get("Expression") or str(returned[0]["Id"])
    terms, periods = [], set()
    for part in str(expression).split("+"):
        match = _TERM.fullmatch(part)
        name = (match[1] or match[3]) if match else None
        if match is None or name not in queries or "MetricStat" not in queries[name]:
            raise UnsupportedMetricMath(f"{expression} is not a sum of metrics")
        stat = queries[name]["MetricStat"]
        fill = float(match[2]) if match[1] else None
        terms.append(_parse_term(stat["Metric"], str(stat["Stat"]), region, fill))
        periods.add(int(stat["Period"]))
    if len(periods) != 1:
        raise UnsupportedMetricMath("its metrics have different periods")
    return tuple(terms), periods.pop()


def sum_terms(
    terms: Sequence[MetricTerm], metrics: MetricStore, begin: datetime, seconds: int, *, seen_at: datetime
) -> float | None:
    """Return the sum over one period, or None when a data point is missing and has no fill value.

    Data points that arrive after `seen_at` are missing.
    """
    values = [metrics.statistic(term.metric, begin, seconds, term.statistic, seen_at=seen_at) for term in terms]
    filled = [term.fill_value if value is None else value for term, value in zip(terms, values, strict=True)]
    present_values = [value for value in filled if value is not None]
    return sum(present_values) if len(present_values) == len(filled) else None


def _parse_term(metric: Mapping[str, Any], statistic: str, region: str, fill: float | None = None) -> MetricTerm:
    if statistic not in _STATISTICS:
        raise UnsupportedMetricMath(f"the statistic {statistic} is not evaluated")
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
    return MetricTerm(
        MetricId.from_dimensions(region, str(metric["Namespace"]), str(metric["MetricName"]), dimensions),
        statistic,
        fill,
    )
