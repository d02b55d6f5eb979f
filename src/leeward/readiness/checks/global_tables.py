"""Check DynamoDB global tables: replica status, replication lag, and backups.

The replica status comes from the target Region, so that it is available during an outage of the origin Region. The lag
comes from the CloudWatch metric ReplicationLatency in the origin Region, where the writes are (DynamoDB, "Metrics").
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
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import ReadinessInput, ReplicatedTable

_ACTIVE, _VERSION = "ACTIVE", "2019.11.21"
# CloudWatch has one data point for each minute with replication.
_METRIC_WINDOW, _PERIOD_SECONDS = timedelta(minutes=15), 60


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check each table's replicas and backups in both Regions, and its lag from the origin Region."""
    for table in inputs.tables:
        described = _describe_table(clients, inputs.region, table.name)
        if described is None:
            fix = f"redeploy the application: the table {table.name} needs a replica in {inputs.region}"
            yield failed("table.replica", f"{table.name} in {inputs.region}", "the table does not exist", fix)
            continue
        yield from _check_replicas(table, inputs, described)
        yield _check_lag(table, inputs, clients)
        if table.backups:
            for region in sorted({inputs.origin, inputs.region}):
                yield _check_backups(table, region, clients)


def _describe_table(clients: CheckClients, region: str, name: str) -> dict[str, Any] | None:
    try:
        with translate_errors("dynamodb:DescribeTable"):
            table: dict[str, Any] = clients.client("dynamodb", region).describe_table(TableName=name)["Table"]
    except NotFound:
        return None
    return table


def _check_replicas(
    table: ReplicatedTable, inputs: ReadinessInput, described: dict[str, Any]
) -> Iterator[ReadinessFinding]:
    check, target_subject = "table.replica", f"{table.name} in {inputs.region}"
    fix = "check the table's Global tables tab in the DynamoDB console; only ACTIVE replicas take part in replication"
    status = described.get("TableStatus")
    if status == _ACTIVE:
        yield ok(check, target_subject, "the table is ACTIVE")
    else:
        yield failed(check, target_subject, f"the table is {status}", fix)
    origin_subject = f"{table.name} in {inputs.origin}"
    replicas = {r.get("RegionName"): r.get("ReplicaStatus", _ACTIVE) for r in described.get("Replicas", ())}
    if inputs.origin not in replicas:
        yield failed(
            check, origin_subject, f"the table has no replica here, so writes here do not reach {inputs.region}", fix
        )
    elif replicas[inputs.origin] != _ACTIVE:
        yield failed(check, origin_subject, f"the replica is {replicas[inputs.origin]}", fix)
    else:
        yield ok(check, origin_subject, "the replica is ACTIVE")
    version = described.get("GlobalTableVersion", _VERSION)
    if version != _VERSION:
        fix = f"upgrade the table to version {_VERSION} (DynamoDB, Upgrading global tables)"
        yield warning("table.version", table.name, f"its global table version is {version}", fix)


def _check_lag(table: ReplicatedTable, inputs: ReadinessInput, clients: CheckClients) -> ReadinessFinding:
    check, subject = "table.lag", f"{table.name} from {inputs.origin}"
    fix = "check ReplicationLatency in CloudWatch and the AWS Health Dashboard; lag after a write burst is temporary"
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
        return unknown(check, subject, f"it can't be read ({error})", "check that this Region is available")
    if not points:
        window = durations.format_duration(_METRIC_WINDOW)
        detail = f"no data within {window}: nothing was written, or replication has stopped"
        return unknown(check, subject, detail, "write an item, such as the service's heartbeat, and check again")
    lag = timedelta(milliseconds=max(point["Maximum"] for point in points))
    rpo = timedelta(seconds=inputs.rpo_seconds)
    detail = f"up to {lag.total_seconds():.1f}s behind, the objective is {durations.format_duration(rpo)}"
    create_finding = failed if lag > rpo else warning if lag > rpo / 2 else None
    finding = ok(check, subject, detail) if create_finding is None else create_finding(check, subject, detail, fix)
    return finding.model_copy(update={"seconds": lag.total_seconds()})


def _check_backups(table: ReplicatedTable, region: str, clients: CheckClients) -> ReadinessFinding:
    check, subject = "table.backup", f"{table.name} in {region}"
    fix = "turn on point-in-time recovery: replication also copies accidental deletions"
    try:
        with translate_errors("dynamodb:DescribeContinuousBackups"):
            response = clients.client("dynamodb", region).describe_continuous_backups(TableName=table.name)
            backups = response["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    except LeewardError as error:
        return unknown(check, subject, f"it can't be read ({error})", "check that this Region is available")
    state = backups.get("PointInTimeRecoveryStatus")
    if state == "ENABLED":
        return ok(check, subject, "point-in-time recovery is on")
    return warning(check, subject, f"point-in-time recovery is {state}", fix)


CHECK = ReadinessCheck("table", check)
