"""The input of the readiness checks: a runbook and every resource that it uses.

It is the event of the scheduled function. `state_machines.deployment.readiness_event` builds it from the documents.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PositiveInt

from leeward.drs.api.states import ReplicationDirection
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.traffic.routing.cluster_endpoints import ClusterEndpoint


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class CommittedStateMachine(_Model):
    """A committed state machine: its Region, its name, and the SHA-256 of its definition's canonical JSON."""

    region: str
    name: str
    sha256: str


class DrillRunbook(_Model):
    """A drill runbook, and the Region of its journal."""

    runbook: str
    region: str


class ReplicatedTable(_Model):
    """A DynamoDB global table. `backups` is true if each replica needs point-in-time recovery."""

    name: str
    backups: bool


class RegionalApi(_Model):
    """A REST API in each Region behind one custom domain, with its Route 53 health checks."""

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
    """The declared records of one name, by Region. `primary` is the Region of the PRIMARY failover record."""

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
    """A permission that a task needs: an action on resources, with the context keys that policy conditions use."""

    task: str
    action: str
    resources: tuple[str, ...]
    context: dict[str, str] = Field(default_factory=dict)


class ComponentInput(_Model):
    """What the readiness checks of a plug-in need to know about one component. Its kind decides on `input`."""

    kind: str
    name: str
    input: dict[str, JsonValue]


class ReadinessInput(_Model):
    """The input for one runbook. `region` is its target Region. `controls` and `target_groups` are keyed by Region."""

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
    both_on: bool = Field(
        default=False, description="Both routing controls are normally on, and health checks choose the Region"
    )
    records: tuple[str, ...] = ()
    record_sets: tuple[DeclaredRecords, ...] = ()
    tables: tuple[ReplicatedTable, ...] = ()
    apis: tuple[RegionalApi, ...] = ()
    target_groups: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    components: tuple[ComponentInput, ...] = ()
    machines: tuple[CommittedStateMachine, ...] = ()
    grants: tuple[RequiredPermission, ...] = ()
    drills: tuple[DrillRunbook, ...] = ()
    drill_every_seconds: PositiveInt = 90 * 24 * 3600
    functions: str | None = Field(default=None, description="Prefix of the function names, if it is not the default")

    def inputs_of(self, kind: str) -> list[tuple[str, dict[str, JsonValue]]]:
        """Return the names and inputs of the components of a plug-in's kind."""
        return [(component.name, component.input) for component in self.components if component.kind == kind]
