"""Checks whether a global table's replica is ready for a failover, by querying only the replica's own Region.

DescribeTable describes the table in the Region that you call and lists the other replicas with their status (global
tables version 2019.11.21, DynamoDB Developer Guide). So the origin Region is never called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from leeward.common.aws.clients import translate_errors
from leeward.common.aws.responses import AwsResponse, parse_response
from leeward.data.application_table import ApplicationTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

GLOBAL_TABLE_VERSION = "2019.11.21"
# A value of the shape ReplicaStatus in botocore's service model.
ACTIVE = "ACTIVE"


class _Replica(AwsResponse):
    region: str = Field(alias="RegionName")
    # Some versions of the service omit the status while a replica is active.
    status: str = Field(ACTIVE, alias="ReplicaStatus")


class _Stream(AwsResponse):
    enabled: bool = Field(alias="StreamEnabled")


class _TableDescription(AwsResponse):
    status: str = Field(alias="TableStatus")
    version: str | None = Field(None, alias="GlobalTableVersion")
    replicas: tuple[_Replica, ...] = Field((), alias="Replicas")
    stream: _Stream | None = Field(None, alias="StreamSpecification")


class _PointInTimeRecovery(AwsResponse):
    status: Literal["ENABLED", "DISABLED"] = Field(alias="PointInTimeRecoveryStatus")


class _ContinuousBackups(AwsResponse):
    recovery: _PointInTimeRecovery | None = Field(None, alias="PointInTimeRecoveryDescription")


@dataclass(frozen=True, slots=True)
class ReplicaAssessment:
    """The result of the check. `problems` make a move to this replica unsafe; `remarks` are for operators."""

    problems: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return all problems and remarks in one line."""
        return "; ".join((*self.problems, *self.remarks))


def inspect_replica(
    client: DynamoDBClient, table: ApplicationTable, region: str, other_region: str, *, backups: bool
) -> ReplicaAssessment:
    """Check the replica in `region`. `backups` requires continuous backups. Raises NotFound without the table."""
    with translate_errors("dynamodb:DescribeTable"):
        response = client.describe_table(TableName=table.name)
    described = parse_response(_TableDescription, response["Table"], "dynamodb:DescribeTable")
    recovery: str | None = None
    if backups:
        with translate_errors("dynamodb:DescribeContinuousBackups"):
            backups_response = client.describe_continuous_backups(TableName=table.name)
        continuous_backups = parse_response(
            _ContinuousBackups, backups_response["ContinuousBackupsDescription"], "dynamodb:DescribeContinuousBackups"
        )
        recovery = continuous_backups.recovery.status if continuous_backups.recovery else "DISABLED"
    return assess_replica(described, table.name, region, other_region, recovery)


def assess_replica(
    described: _TableDescription, name: str, region: str, other_region: str, recovery: str | None
) -> ReplicaAssessment:
    """Assess the described replica. `recovery` is None if no backups are required."""
    problems: list[str] = []
    remarks: list[str] = []
    # A table that is UPDATING still serves requests.
    if described.status not in (ACTIVE, "UPDATING"):
        problems.append(f"{name} in {region} is {described.status}, not {ACTIVE}")
    if described.version not in (None, GLOBAL_TABLE_VERSION):
        problems.append(f"{name} is a global table of version {described.version}, not {GLOBAL_TABLE_VERSION}")
    if described.stream is None or not described.stream.enabled:
        problems.append(f"{name} in {region} has no stream, so it can't replicate")
    others = {replica.region: replica.status for replica in described.replicas}
    if other_region not in others:
        problems.append(f"{name} in {region} has no replica in {other_region}, so nothing is replicated")
    else:
        # An unhealthy replica in the other Region is no reason to stay there, so this is only a remark.
        other_status = others[other_region]
        remarks.append(f"{name} is {described.status} in {region}, its replica in {other_region} is {other_status}")
    if recovery == "DISABLED":
        problems.append(f"{name} in {region} has no continuous backups (point-in-time recovery)")
    return ReplicaAssessment(tuple(problems), tuple(remarks))
