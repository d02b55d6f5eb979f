"""What is looked at: one runbook of an application, with all that it will touch. The event of the scheduled Lambda.

`state_machines.readiness` makes it from the documents.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from leeward.drs.api.states import ReplicationDirection
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.traffic.routing.cluster_endpoints import ClusterEndpoint


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CommittedStateMachine(_Model):
    """A state machine as it was committed: its Region, its name, and the SHA-256 of its definition's canonical JSON."""

    region: str
    name: str
    sha256: str


class DrillRunbook(_Model):
    """A runbook that rehearses on AWS, and where its journal is."""

    runbook: str
    region: str


class ReplicatedTable(_Model):
    """A DynamoDB global table; `backups` are continuous ones, wanted of each replica."""

    name: str
    backups: bool


class RegionalApi(_Model):
    """A Regional API in each Region behind one custom domain, and what Route 53 asks it."""

    domain: str
    stage: str
    apis: dict[str, str]
    endpoints: dict[str, str]
    certificates: dict[str, str]
    function: str
    canary: str | None = None
    path: str
    interval_seconds: PositiveInt
    threshold: PositiveInt
    health_checks: dict[str, str]


class DeclaredRecords(_Model):
    """The records of one name, by Region, as declared. `primary` is the Region that failover records prefer."""

    policy: Literal["failover", "latency", "weighted"]
    zone: str
    record: str
    type: str
    ttl_seconds: int
    values: dict[str, str]
    identifiers: dict[str, str]
    health_checks: dict[str, str] = Field(default_factory=dict)
    primary: str


class RequiredPermission(_Model):
    """What a task must be allowed: one action on these resources, with the keys that conditions ask for."""

    task: str
    action: str
    resources: tuple[str, ...]
    context: dict[str, str] = Field(default_factory=dict)


class ReadinessInput(_Model):
    """`region` is the one that the runbook enters; `controls` and `target_groups` are keyed by Region."""

    application: str
    runbook: str
    origin: str
    region: str
    rto_seconds: PositiveInt
    rpo_seconds: PositiveInt
    groups: tuple[ServerGroup, ...] = ()
    direction: ReplicationDirection | None = None
    endpoints: tuple[ClusterEndpoint, ...] = ()
    controls: dict[str, str] = Field(default_factory=dict)
    both_on: bool = Field(default=False, description="Both controls are on on a normal day: health has a say besides")
    records: tuple[str, ...] = ()
    record_sets: tuple[DeclaredRecords, ...] = ()
    tables: tuple[ReplicatedTable, ...] = ()
    apis: tuple[RegionalApi, ...] = ()
    target_groups: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    machines: tuple[CommittedStateMachine, ...] = ()
    grants: tuple[RequiredPermission, ...] = ()
    drills: tuple[DrillRunbook, ...] = ()
    drill_every_seconds: PositiveInt = 90 * 24 * 3600
    functions: str | None = Field(default=None, description="What the functions' names begin with, where it is unusual")
