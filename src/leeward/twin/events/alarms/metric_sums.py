"""What an alarm stands on: a metric's statistic, or a sum of several, with `FILL(m, n)` for a figure that is missing.

Other metric math, and queries of Metrics Insights, are refused by name.
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
    """The alarm stands on something else; the text says on what."""


@dataclass(frozen=True, slots=True)
class MetricTerm:
    """One metric's statistic. `fill` stands in for a figure that is missing; None where nothing does."""

    metric: MetricId
    statistic: str
    fill_value: float | None = None


def parse_terms(properties: Mapping[str, Any], region: str) -> tuple[tuple[MetricTerm, ...], int]:
    """The terms and the period of an AWS::CloudWatch::Alarm. Raises NotASum."""
    if "MetricName" in properties:
        return (_parse_term(properties, str(properties.get("Statistic")), region),), int(properties["Period"])
    queries = {str(query["Id"]): query for query in properties.get("Metrics", ())}
    returned = [query for query in queries.values() if query.get("ReturnData", True)]
    if len(returned) != 1:
        raise UnsupportedMetricMath("it returns no single series")
    expression = returned[0].get("Expression") or str(returned[0]["Id"])
    found, periods = [], set()
    for part in str(expression).split("+"):
        match = _TERM.fullmatch(part)
        name = (match[1] or match[3]) if match else None
        if match is None or name not in queries or "MetricStat" not in queries[name]:
            raise UnsupportedMetricMath(f"{expression} is no sum of metrics")
        stat = queries[name]["MetricStat"]
        fill = float(match[2]) if match[1] else None
        found.append(_parse_term(stat["Metric"], str(stat["Stat"]), region, fill))
        periods.add(int(stat["Period"]))
    if len(periods) != 1:
        raise UnsupportedMetricMath("its metrics have different periods")
    return tuple(found), periods.pop()


def sum_terms(terms: Sequence[MetricTerm], metrics: MetricStore, begin: datetime, seconds: int) -> float | None:
    """The sum over one period; None where a figure is missing and nothing stands in for it."""
    values = [metrics.statistic(term.metric, begin, seconds, term.statistic) for term in terms]
    filled = [term.fill_value if value is None else value for term, value in zip(terms, values, strict=True)]
    there = [value for value in filled if value is not None]
    return sum(there) if len(there) == len(filled) else None


def _parse_term(metric: Mapping[str, Any], statistic: str, region: str, fill: float | None = None) -> MetricTerm:
    if statistic not in _STATISTICS:
        raise UnsupportedMetricMath(f"the statistic {statistic} is not evaluated")
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
    return MetricTerm(
        MetricId.from_dimensions(region, str(metric["Namespace"]), str(metric["MetricName"]), dimensions),
        statistic,
        fill,
    )
