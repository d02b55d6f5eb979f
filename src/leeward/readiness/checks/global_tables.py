"""Does the data follow? The global tables: their replicas, how far they lag, and their backups.

A replica's status is told by the Region that is entered, which must be able to tell it when the other is dark. The lag
is measured where the writes are: CloudWatch's ReplicationLatency in the Region that is left (DynamoDB, "Metrics").
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from leeward.base import durations
from leeward.common.aws.clients import translate_errors
from leeward.common.errors import LeewardError, NotFound
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown, warning
from leeward.readiness.model.readiness_input import ReadinessInput, ReplicatedTable

_ACTIVE, _VERSION = "ACTIVE", "2019.11.21"
# CloudWatch has a figure for each minute in which something was replicated.
_METRIC_WINDOW, _PERIOD_SECONDS = timedelta(minutes=15), 60


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Each table: its replica in both Regions, the lag from the Region that is left, the backups of both."""
    for table in inputs.tables:
        described = _describe_table(clients, inputs.region, table.name)
        if described is None:
            fix = f"deploy the application again: its table {table.name} must have a replica in {inputs.region}"
            yield failed("table.replica", f"{table.name} in {inputs.region}", "there is no such table", fix)
            continue
        yield from _check_replicas(table, inputs, described)
        yield _check_lag(table, inputs, clients)
        if table.backups:
            for region in sorted({inputs.origin, inputs.region}):
                yield _check_backups(table, region, clients)


def _describe_table(clients: CheckClients, region: str, name: str) -> dict[str, Any] | None:
    try:
        with translate_errors("dynamodb:DescribeTable"):
            found: dict[str, Any] = clients.client("dynamodb", region).describe_table(TableName=name)["Table"]
    except NotFound:
        return None
    return found


def _check_replicas(
    table: ReplicatedTable, inputs: ReadinessInput, described: dict[str, Any]
) -> Iterator[ReadinessFinding]:
    check, here = "table.replica", f"{table.name} in {inputs.region}"
    fix = "see the table's global tables tab in the DynamoDB console; a replica that is not ACTIVE takes no part"
    status = described.get("TableStatus")
    if status == _ACTIVE:
        yield ok(check, here, "the table is ACTIVE")
    else:
        yield failed(check, here, f"the table is {status}", fix)
    there = f"{table.name} in {inputs.origin}"
    replicas = {r.get("RegionName"): r.get("ReplicaStatus", _ACTIVE) for r in described.get("Replicas", ())}
    if inputs.origin not in replicas:
        yield failed(check, there, "the table has no replica there: nothing that is written there comes here", fix)
    elif replicas[inputs.origin] != _ACTIVE:
        yield failed(check, there, f"the replica is {replicas[inputs.origin]}", fix)
    else:
        yield ok(check, there, "the replica is ACTIVE")
    version = described.get("GlobalTableVersion", _VERSION)
    if version != _VERSION:
        fix = f"upgrade the table to version {_VERSION} (DynamoDB, Upgrading global tables)"
        yield warning("table.version", table.name, f"it is of version {version}", fix)


def _check_lag(table: ReplicatedTable, inputs: ReadinessInput, clients: CheckClients) -> ReadinessFinding:
    check, what = "table.lag", f"{table.name} from {inputs.origin}"
    fix = "see ReplicationLatency in CloudWatch, and the AWS Health Dashboard; a burst of writes heals by itself"
    dimensions = [
        {"Name": "TableName", "Value": table.name},
        {"Name": "ReceivingRegion", "Value": inputs.region},
    ]
    try:
        with translate_errors("cloudwatch:GetMetricStatistics"):
            points = clients.client("cloudwatch", inputs.origin).get_metric_statistics(
                Namespace="AWS/DynamoDB", MetricName="ReplicationLatency", Dimensions=dimensions,
                StartTime=clients.now - _METRIC_WINDOW, EndTime=clients.now,
            Period=_PERIOD_SECONDS, Statistics=["Maximum"],
            )["Datapoints"]  # fmt: skip
    except LeewardError as error:
        return unknown(check, what, f"it could not be read ({error})", "see that this Region answers")
    if not points:
        told = f"no figure within {durations.format_duration(_METRIC_WINDOW)}: nothing was written, or "
        "replication stands still"
        return unknown(check, what, told, "write something there, such as the service's heartbeat, and look again")
    lag = timedelta(milliseconds=max(point["Maximum"] for point in points))
    rpo = timedelta(seconds=inputs.rpo_seconds)
    told = f"up to {lag.total_seconds():.1f}s behind, the objective is {durations.format_duration(rpo)}"
    made = failed if lag > rpo else warning if lag > rpo / 2 else None
    found = ok(check, what, told) if made is None else made(check, what, told, fix)
    return found.model_copy(update={"seconds": lag.total_seconds()})


def _check_backups(table: ReplicatedTable, region: str, clients: CheckClients) -> ReadinessFinding:
    check, what = "table.backup", f"{table.name} in {region}"
    fix = "turn point-in-time recovery on: replication copies a mistaken deletion as well"
    try:
        with translate_errors("dynamodb:DescribeContinuousBackups"):
            told = clients.client("dynamodb", region).describe_continuous_backups(TableName=table.name)
            kept = told["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    except LeewardError as error:
        return unknown(check, what, f"it could not be read ({error})", "see that this Region answers")
    state = kept.get("PointInTimeRecoveryStatus")
    if state == "ENABLED":
        return ok(check, what, "point-in-time recovery is on")
    return warning(check, what, f"point-in-time recovery is {state}", fix)
