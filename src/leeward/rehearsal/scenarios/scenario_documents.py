"""What the twin is told: the world of an application (`world.yaml`) and the incident to rehearse (a scenario).

Both are optional in all but name: an application without a `world.yaml` gets one small server for each that it
expects, and a scenario needs no more than its incident. Times in a scenario count from the start of the rehearsal.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, PositiveInt, field_validator

from leeward.state_machines.fields.field_types import DocumentModel, Duration, DurationOrZero
from leeward.twin.interception.calls.operation_names import resolve_operation

ApprovalAnswer = Literal["approve", "reject", "silence"]
FailureAnswer = Literal["retry", "skip", "abort", "silence"]
CallFaultName = Literal["throttled", "server-error", "refused", "timed-out", "answer-lost", "denied", "expired"]


class ServerGroupSettings(DocumentModel):
    """The simulated servers of one group. `lag` is how far replication trails behind in steady state."""

    disks_gib: list[PositiveInt] = Field(default=[8], min_length=1)
    lag: DurationOrZero = timedelta(seconds=5)
    boots_in: Duration = timedelta(seconds=60)
    pages: dict[str, str] = Field(default={})
    needs: list[str] = Field(default=[])


class UserSettings(DocumentModel):
    """The clients that call the application: a page once a second, or, of an API, a write and a read in turn, one every
    `every`. `near`: how many of them are nearest to each Region; the rest to the primary one."""

    count: PositiveInt = Field(default=5, le=200)
    every: Duration = timedelta(seconds=5)
    near: dict[str, int] = Field(default={})


class TableSettings(DocumentModel):
    """One global table. `lag` is how long a write is on its way to the other Region."""

    lag: DurationOrZero = timedelta(seconds=1)


class WorldDocument(DocumentModel):
    """`workloads/<application>/world.yaml`."""

    application: str
    servers: dict[str, ServerGroupSettings] = Field(default={})
    tables: dict[str, TableSettings] = Field(default={})
    deployment: str | None = None
    """The module of the application's own code that the twin runs; see `twin.world.workload`."""
    users: UserSettings = UserSettings()


class ScenarioIncident(DocumentModel):
    """What happens. Without `dark` it marks a moment alone, for a rehearsal in which nothing is lost."""

    at: Duration
    dark: str | None = None
    black_hole: DurationOrZero = timedelta(0)
    """How long a call to the dark Region hangs before it fails; 0s = refused at once."""


class StartSettings(DocumentModel):
    """When a person starts the runbook, after the incident, and why."""

    after: DurationOrZero = timedelta(minutes=2)
    reason: str = "rehearsal"


class OperatorSettings(DocumentModel):
    """The simulated person on call. `silence` never answers."""

    name: str = "on-call engineer"
    answers_after: Duration = timedelta(minutes=1)
    approval: ApprovalAnswer = "approve"
    failure: FailureAnswer = "abort"


class LaunchFails(DocumentModel):
    """Servers of `group` do not launch. `servers` limits it to that many of them; `times` to that many launches."""

    kind: Literal["launch-fails"]
    group: str
    reason: str = "An error occurred (InsufficientInstanceCapacity): no capacity for the requested instance type"
    servers: PositiveInt | None = None
    times: PositiveInt | None = None


class EndpointDown(DocumentModel):
    """The routing-control cluster's endpoint in `region` is down from `at` on."""

    kind: Literal["endpoint-down"]
    region: str
    at: DurationOrZero = timedelta(0)


class CallFails(DocumentModel):
    """The nth call of `operation` (`drs:StartRecovery`, `states:SendTaskFailure`) and those after it, `times` in all,
    go wrong."""

    kind: Literal["call"]
    operation: str = Field(pattern=r"^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$")
    fault: CallFaultName
    nth: PositiveInt = 1
    times: PositiveInt = 1
    region: str | None = None

    _check_operation = field_validator("operation")(resolve_operation)


class ReplicationLags(DocumentModel):
    """Replication of `group` trails behind by `lag`, or is stalled, from `at` on."""

    kind: Literal["replication"]
    group: str
    at: DurationOrZero = timedelta(0)
    lag: Duration | None = None
    stalled: bool = False


class ApiDeleted(DocumentModel):
    """Somebody deletes a Region's API, as the classic lab does to test a failover."""

    kind: Literal["api-deleted"]
    region: str
    at: DurationOrZero = timedelta(0)


class FunctionStopped(DocumentModel):
    """Somebody stops the API's function in a Region by a reserved concurrency of 0; `until` gives it back."""

    kind: Literal["function-stopped"]
    region: str
    at: DurationOrZero = timedelta(0)
    until: DurationOrZero | None = None


class HealthSwitchedOff(DocumentModel):
    """An operator makes a Region answer its health checks as unhealthy; `until` puts it back."""

    kind: Literal["health-switch"]
    region: str
    at: DurationOrZero = timedelta(0)
    until: DurationOrZero | None = None


class TableReplicationLags(DocumentModel):
    """Replication of a global table takes `lag`, or is paused, from `at` on, until `until`."""

    kind: Literal["table-replication"]
    table: str
    at: DurationOrZero = timedelta(0)
    until: DurationOrZero | None = None
    lag: DurationOrZero | None = None
    paused: bool = False


class ApiErrors(DocumentModel):
    """A share of a Region's answers, in percent, are 500 from `at` on: a bad release."""

    kind: Literal["api-errors"]
    region: str
    percent: PositiveInt = Field(le=100)
    at: DurationOrZero = timedelta(0)
    until: DurationOrZero | None = None


ScenarioFault = Annotated[
    LaunchFails
    | EndpointDown
    | CallFails
    | ReplicationLags
    | ApiDeleted
    | FunctionStopped
    | HealthSwitchedOff
    | TableReplicationLags
    | ApiErrors,
    Field(discriminator="kind"),
]


class Scenario(DocumentModel):
    """One incident and everything around it."""

    scenario: str
    description: str = ""
    incident: ScenarioIncident
    start: StartSettings = StartSettings()
    operator: OperatorSettings = OperatorSettings()
    faults: list[ScenarioFault] = Field(default=[])
