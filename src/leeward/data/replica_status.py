"""Whether a global table's replica can take over, as DynamoDB in that replica's own Region tells.

DescribeTable answers from the Region that is asked and names the other replicas with their status (global tables
version 2019.11.21, DynamoDB Developer Guide). Nothing is asked of the Region that is left.
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
# As botocore's service model lists them (shape ReplicaStatus), less the ones that are errors of encryption or archives.
ACTIVE = "ACTIVE"


class _Replica(AwsResponse):
    region: str = Field(alias="RegionName")
    # Absent while a replica is what it should be, as some versions of the service answer.
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
    """What was found. `problems` make a move to this replica unsafe; `remarks` are for people."""

    problems: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def text(self) -> str:
        """One line."""
        return "; ".join((*self.problems, *self.remarks))


def inspect_replica(
    client: DynamoDBClient, table: ApplicationTable, region: str, other_region: str, *, backups: bool
) -> ReplicaAssessment:
    """Look at the replica in `region`. `backups`: continuous backups are wanted. Raises NotFound without the table."""
    with translate_errors("dynamodb:DescribeTable"):
        answer = client.describe_table(TableName=table.name)
    described = parse_response(_TableDescription, answer["Table"], "dynamodb:DescribeTable")
    recovery: str | None = None
    if backups:
        with translate_errors("dynamodb:DescribeContinuousBackups"):
            told = client.describe_continuous_backups(TableName=table.name)
        found = parse_response(
            _ContinuousBackups, told["ContinuousBackupsDescription"], "dynamodb:DescribeContinuousBackups"
        )
        recovery = found.recovery.status if found.recovery else "DISABLED"
    return assess_replica(described, table.name, region, other_region, recovery)


def assess_replica(
    described: _TableDescription, name: str, region: str, other_region: str, recovery: str | None
) -> ReplicaAssessment:
    """Whether what was described can take over. `recovery` is None where no backups are wanted."""
    problems: list[str] = []
    remarks: list[str] = []
    # UPDATING is a table that serves while something about it changes.
    if described.status not in (ACTIVE, "UPDATING"):
        problems.append(f"{name} in {region} is {described.status}, not {ACTIVE}")
    if described.version not in (None, GLOBAL_TABLE_VERSION):
        problems.append(f"{name} is a global table of version {described.version}, not {GLOBAL_TABLE_VERSION}")
    if described.stream is None or not described.stream.enabled:
        problems.append(f"{name} in {region} has no stream, by which it would replicate")
    others = {replica.region: replica.status for replica in described.replicas}
    if other_region not in others:
        problems.append(f"{name} in {region} knows no replica in {other_region}: nothing is replicated")
    else:
        told = others[other_region]
        # A replica that is ill over there is no reason to stay there.
        remarks.append(f"{name} is {described.status} in {region}, its replica in {other_region} {told}")
    if recovery == "DISABLED":
        problems.append(f"{name} in {region} has no continuous backups (point-in-time recovery)")
    return ReplicaAssessment(tuple(problems), tuple(remarks))
