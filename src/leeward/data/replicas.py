"""Whether a global table's replica can take over, as DynamoDB in that replica's own Region tells.

DescribeTable answers from the Region that is asked and names the other replicas with their status (global tables
version 2019.11.21, DynamoDB Developer Guide). Nothing is asked of the Region that is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from leeward.common.answers import Answer, read
from leeward.common.aws import naming_errors
from leeward.data.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

VERSION = "2019.11.21"
# As botocore's service model lists them (shape ReplicaStatus), less the ones that are errors of encryption or archives.
ACTIVE = "ACTIVE"


class _Replica(Answer):
    region: str = Field(alias="RegionName")
    # Absent while a replica is what it should be, as some versions of the service answer.
    status: str = Field(ACTIVE, alias="ReplicaStatus")


class _Stream(Answer):
    enabled: bool = Field(alias="StreamEnabled")


class _Described(Answer):
    status: str = Field(alias="TableStatus")
    version: str | None = Field(None, alias="GlobalTableVersion")
    replicas: tuple[_Replica, ...] = Field((), alias="Replicas")
    stream: _Stream | None = Field(None, alias="StreamSpecification")


class _Recovery(Answer):
    status: Literal["ENABLED", "DISABLED"] = Field(alias="PointInTimeRecoveryStatus")


class _Backups(Answer):
    recovery: _Recovery | None = Field(None, alias="PointInTimeRecoveryDescription")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found. `problems` make a move to this replica unsafe; `remarks` are for people."""

    problems: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def text(self) -> str:
        """One line."""
        return "; ".join((*self.problems, *self.remarks))


def inspect(client: DynamoDBClient, table: Table, region: str, other_region: str, *, backups: bool) -> Seen:
    """Look at the replica in `region`. `backups`: continuous backups are wanted. Raises NotFound without the table."""
    with naming_errors("dynamodb:DescribeTable"):
        answer = client.describe_table(TableName=table.name)
    described = read(_Described, answer["Table"], "dynamodb:DescribeTable")
    recovery: str | None = None
    if backups:
        with naming_errors("dynamodb:DescribeContinuousBackups"):
            told = client.describe_continuous_backups(TableName=table.name)
        found = read(_Backups, told["ContinuousBackupsDescription"], "dynamodb:DescribeContinuousBackups")
        recovery = found.recovery.status if found.recovery else "DISABLED"
    return judge(described, table.name, region, other_region, recovery)


def judge(described: _Described, name: str, region: str, other_region: str, recovery: str | None) -> Seen:
    """Whether what was described can take over. `recovery` is None where no backups are wanted."""
    problems: list[str] = []
    remarks: list[str] = []
    # UPDATING is a table that serves while something about it changes.
    if described.status not in (ACTIVE, "UPDATING"):
        problems.append(f"{name} in {region} is {described.status}, not {ACTIVE}")
    if described.version not in (None, VERSION):
        problems.append(f"{name} is a global table of version {described.version}, not {VERSION}")
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
    return Seen(tuple(problems), tuple(remarks))
