"""Alarms' states, against the examples of CloudWatch's user guide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leeward.twin.events.alarms.composite_alarms import InvalidAlarmRule, parse_alarm_rule
from leeward.twin.events.alarms.metric_alarms import AlarmState, MetricAlarm, UnsupportedAlarm
from leeward.twin.events.alarms.metric_store import MetricId, MetricStore

OK, ALARM, INSUFFICIENT = AlarmState.OK, AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA
PLAIN = {
    "Namespace": "Leeward", "MetricName": "Healthy", "Statistic": "Maximum", "Period": 60, "EvaluationPeriods": 3,
    "ComparisonOperator": "GreaterThanThreshold", "Threshold": 0,
}  # fmt: skip


def metric_math(expression: str) -> dict[str, object]:
    """The changes that make an alarm one on an expression about the metric `m`."""
    metric = {"Namespace": "Leeward", "MetricName": "Healthy"}
    stat = {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False}
    return {**dict.fromkeys(("MetricName", "Namespace", "Statistic", "Period")), "Metrics": [
        {"Id": "e", "Expression": expression, "ReturnData": True}, stat,
    ]}  # fmt: skip


def alarm(**more: object) -> MetricAlarm:
    return MetricAlarm.from_properties(PLAIN | more, "a", "arn:a", "us-west-2")


def state_after(figures: str, missing: str, to_alarm: int, before: AlarmState) -> AlarmState:
    """`figures` oldest first: 0 is not breaching, X is, - is missing."""
    seen = [{"0": 0.0, "X": 1.0, "-": None}[each] for each in reversed(figures)]
    return alarm(TreatMissingData=missing, DatapointsToAlarm=to_alarm).evaluate(seen, before)


@pytest.mark.parametrize(
    ("figures", "to_alarm", "expected"),
    [
        # The guide's table for 3 out of 3, with an evaluation range of 5: missing, ignore, breaching, not breaching.
        # None keeps the state that the alarm was in.
        ("0-X-X", 3, (OK, OK, OK, OK)),
        ("----0", 3, (OK, OK, OK, OK)),
        ("-----", 3, (INSUFFICIENT, None, ALARM, OK)),
        ("0XX-X", 3, (ALARM, ALARM, ALARM, ALARM)),
        ("--X--", 3, (ALARM, None, ALARM, OK)),
        # And for 2 out of 3.
        ("0-X-X", 2, (ALARM, ALARM, ALARM, ALARM)),
        ("00X0X", 2, (ALARM, ALARM, ALARM, ALARM)),
        ("----X", 2, (ALARM, None, ALARM, OK)),
        ("-----", 2, (INSUFFICIENT, None, ALARM, OK)),
    ],
)
@pytest.mark.parametrize("before", [OK, ALARM])
def test_missing_data_is_treated_as_configured(
    figures: str, to_alarm: int, expected: tuple[AlarmState | None, ...], before: AlarmState
) -> None:
    ways = ("missing", "ignore", "breaching", "notBreaching")
    found = tuple(state_after(figures, missing, to_alarm, before) for missing in ways)
    assert found == tuple(state or before for state in expected)


def test_period_is_evaluated_when_complete() -> None:
    metrics, nine = MetricStore(), datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    metric = MetricId.from_dimensions("us-west-2", "Leeward", "Healthy", {})
    for seconds, value in ((10, 0), (70, 0), (80, 1), (190, 5)):
        metrics.put_datapoint(metric, nine + timedelta(seconds=seconds), value)
    assert alarm().read_periods(metrics, nine + timedelta(seconds=130)) == [1, 0, None, None, None]
    assert alarm().read_periods(metrics, nine + timedelta(seconds=200)) == [None, 1, 0, None, None]
    assert alarm(Statistic="Sum", Period=120).read_periods(metrics, nine + timedelta(seconds=240))[:2] == [5, 1]


@pytest.mark.parametrize(
    "odd",
    [
        {"ComparisonOperator": "LessThanLowerThreshold"},
        {"TreatMissingData": "guess"},
        {"Statistic": None},
        {"Statistic": None, "ExtendedStatistic": "p99"},
        metric_math("SELECT SUM(TaskDefect) FROM Leeward"),
        metric_math("ANOMALY_DETECTION_BAND(m, 2)"),
        metric_math("100 * m"),
    ],
)
def test_unsupported_alarm_is_named(odd: dict[str, object]) -> None:
    given = {key: value for key, value in (PLAIN | odd).items() if value is not None}
    with pytest.raises(UnsupportedAlarm, match=r"^a"):
        MetricAlarm.from_properties(given, "a", "arn:a", "us-west-2")


def test_metric_math_fills_missing_values() -> None:
    def query(name: str) -> dict[str, object]:
        stat = {"Metric": {"Namespace": "AWS/States", "MetricName": name}, "Period": 60, "Stat": "Sum"}
        return {"Id": name.lower(), "MetricStat": stat, "ReturnData": False}

    own = ("Namespace", "MetricName", "Statistic", "Period")
    given = {key: value for key, value in PLAIN.items() if key not in own}
    queries = [query("Failed"), query("Aborted"), {"Id": "all", "Expression": "FILL(failed, 0) + FILL(aborted, 0)"}]
    summed = MetricAlarm.from_properties(given | {"Metrics": queries}, "a", "arn:a", "us-west-2")
    metrics, nine = MetricStore(), datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    metrics.put_datapoint(MetricId.from_dimensions("us-west-2", "AWS/States", "Aborted", {}), nine, 1)
    assert summed.read_periods(metrics, nine + timedelta(seconds=60))[:2] == [1, 0]
    queries[2] = {"Id": "all", "Expression": "SELECT SUM(TaskDefect) FROM Leeward"}
    with pytest.raises(UnsupportedAlarm, match="is not a sum of metrics"):
        MetricAlarm.from_properties(given | {"Metrics": queries}, "a", "arn:a", "us-west-2")


STATES = {"a": ALARM, "b": OK, "c": ALARM, "with space": INSUFFICIENT}


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("ALARM(a)", True),
        ('ALARM("a") AND ALARM("b")', False),
        ("ALARM(b) OR ALARM(a) AND ALARM(c)", True),
        ("(ALARM(b) OR ALARM(a)) AND NOT OK(b)", False),
        ('INSUFFICIENT_DATA("with space")', True),
        ("NOT (ALARM(a) AND ALARM(b)) AND TRUE", True),
        ("FALSE OR OK(b)", True),
        ("ALARM(arn:aws:cloudwatch:us-west-2:111122223333:alarm:c)", True),
        ("AT_LEAST(2, ALARM, (a, b, c))", True),
        ("AT_LEAST(3, ALARM, (a, b, c))", False),
    ],
)
def test_composite_alarm_rule_evaluation(rule: str, holds: bool) -> None:
    assert parse_alarm_rule(rule).predicate(STATES) is holds


@pytest.mark.parametrize(
    "rule", ["", "ALARM a", "ALARM(a", "ALARM(a) ALARM(b)", "BROKEN(a)", "AT_LEAST(x, ALARM, (a))"]
)
def test_invalid_alarm_rule_is_rejected(rule: str) -> None:
    with pytest.raises(InvalidAlarmRule):
        parse_alarm_rule(rule)
