"""Models of the simulation's documents: an application's world (`world.yaml`) and the scenarios to rehearse.

An application without a `world.yaml` gets one small server for each server that it expects. A scenario needs only its
incident. Times in a scenario count from the start of the rehearsal.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, field_validator, model_validator

from leeward.rehearsal.scenarios.aws_faults.aws_fault_documents import InvocationFails, ServiceFails
from leeward.state_machines.fields.field_types import DocumentModel, Duration, DurationOrZero
from leeward.twin.interception.calls.operation_names import resolve_operation

ApprovalAnswer = Literal["approve", "reject", "silence"]
FailureAnswer = Literal["retry", "skip", "abort", "silence"]
# Elastic Load Balancing, "HTTP client keepalive duration": the shortest value of `client_keep_alive.seconds`.
_SHORTEST_KEEPALIVE = timedelta(seconds=60)
CallFaultName = Literal["throttled", "server-error", "refused", "timed-out", "answer-lost", "denied", "expired"]


class LaunchTimes(DocumentModel):
    """How long DRS takes to launch a server of a group: the phases of a recovery job, as the job log of a drill shows.

    Without a value, the twin assumes a duration from the disk sizes (`base.assumptions.launch_durations`).
    """

    snapshot: Duration | None = Field(default=None, description="SNAPSHOT_START to SNAPSHOT_END in the job log")
    conversion: Duration | None = Field(default=None, description="CONVERSION_START to CONVERSION_END in the job log")
    launch: Duration | None = Field(default=None, description="LAUNCH_START until the server is LAUNCHED")


class ServerGroupSettings(DocumentModel):
    """The simulated servers of one group.

    `lag` is the replication lag in the steady state. `boots_in` is the time from the start of an instance until the
    server serves. `initial_sync` is how long a full copy of the disks takes, as for the reverse replication after a
    failover. Without it, the twin assumes a duration from the sizes of the disks.
    """

    disks_gib: list[PositiveInt] = Field(default=[8], min_length=1)
    launch_times: LaunchTimes = LaunchTimes()
    initial_sync: Duration | None = None
    lag: DurationOrZero = timedelta(seconds=5)
    boots_in: Duration = timedelta(seconds=60)
    pages: dict[str, str] = Field(default={})
    needs: list[str] = Field(default=[])


class UserSettings(DocumentModel):
    """The clients that call the application.

    A client of a site requests a page once a second. A client of an API alternates between a write and a read and sends
    one request every `every`. `near` is the number of clients that are nearest to each Region. All others are nearest
    to the primary Region.

    `timeout` is how long a client waits for a response. The default is assumed. `connection_lifetime` is the longest
    time for which the endpoint keeps a client's connection open. For a site, it is the attribute
    `client_keep_alive.seconds` of the load balancers: at least 60s, and 3600s by default. For an API, whose endpoint
    documents none, it is 60s by default, and each connection has a drawn lifetime between a third of it and all of it.
    """

    count: PositiveInt = Field(default=5, le=200)
    every: Duration = timedelta(seconds=5)
    near: dict[str, int] = Field(default={})
    timeout: Duration = timedelta(seconds=5)
    connection_lifetime: Duration | None = None


class TableSettings(DocumentModel):
    """One global table. `lag` is the time that a write takes to reach the other Region."""

    lag: DurationOrZero = timedelta(seconds=1)


class WorldDocument(DocumentModel):
    """The document `workloads/<application>/world.yaml`."""

    application: str
    servers: dict[str, ServerGroupSettings] = Field(default={})
    tables: dict[str, TableSettings] = Field(default={})
    deployment: str | None = None
    """The module of the application's code that the twin runs. See `rehearsal.worlds.serverless.workload`."""
    users: UserSettings = UserSettings()

    @model_validator(mode="after")
    def _check_connection_lifetime(self) -> Self:
        lifetime = self.users.connection_lifetime
        if self.deployment is None and lifetime is not None and lifetime < _SHORTEST_KEEPALIVE:
            raise ValueError("users.connection_lifetime must be at least 60s, as client_keep_alive.seconds on AWS")
        return self


class ScenarioIncident(DocumentModel):
    """The incident. `dark` is the Region that becomes unavailable. Without it, the incident is only a point in time."""

    at: Duration
    dark: str | None = None
    black_hole: DurationOrZero | None = None
    """How long an AWS call to the unavailable Region hangs before it fails.

    By default, this is the connect timeout of Leeward's AWS clients, because a Region that is down rarely refuses
    connections. With 0s, a call is refused immediately.
    """


class StartSettings(DocumentModel):
    """When an operator starts the runbook, as a delay after the incident, and the reason."""

    after: DurationOrZero = timedelta(minutes=2)
    reason: str = "rehearsal"


class OperatorSettings(DocumentModel):
    """The simulated operator on call. With `silence`, the operator never answers."""

    name: str = "on-call engineer"
    answers_after: Duration = timedelta(minutes=1)
    approval: ApprovalAnswer = "approve"
    failure: FailureAnswer = "abort"


class LaunchFails(DocumentModel):
    """Servers of `group` don't launch. `servers` limits the number of such servers, and `times` that of launches."""

    kind: Literal["launch-fails"]
    group: str
    reason: str = "An error occurred (InsufficientInstanceCapacity): no capacity for the requested instance type"
    servers: PositiveInt | None = None
    times: PositiveInt | None = None


class EndpointDown(DocumentModel):
    """The endpoint of the routing control cluster in `region` is unavailable from `at` on."""

    kind: Literal["endpoint-down"]
    region: str
    at: DurationOrZero = timedelta(0)


class CallFails(DocumentModel):
    """Calls of `operation` fail, such as `drs:StartRecovery` or `states:SendTaskFailure`.

    The first failing call is the `nth`, and `times` consecutive calls fail.
    """

    kind: Literal["call"]
    operation: str = Field(pattern=r"^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$")
    fault: CallFaultName
    nth: PositiveInt = 1
    times: PositiveInt = 1
    region: str | None = None

    _check_operation = field_validator("operation")(resolve_operation)


class ReplicationLags(DocumentModel):
    """Replication of `group` has the lag `lag`, or is stalled, from `at` on."""

    kind: Literal["replication"]
    group: str
    at: DurationOrZero = timedelta(0)
    lag: Duration | None = None
    stalled: bool = False


class ApiDeleted(DocumentModel):
    """A Region's API is deleted, as in the classic lab that tests a failover."""

    kind: Literal["api-deleted"]
    region: str
    at: DurationOrZero = timedelta(0)


class FunctionStopped(DocumentModel):
    """A reserved concurrency of 0 stops the API's function in a Region. `until` ends the fault."""

    kind: Literal["function-stopped"]
    region: str
    at: DurationOrZero = timedelta(0)
    until: DurationOrZero | None = None


class HealthSwitchedOff(DocumentModel):
    """An operator makes a Region respond to its health checks as unhealthy. `until` ends the fault."""

    kind: Literal["health-switch"]
    region: str
    at: DurationOrZero = timedelta(0)
    until: DurationOrZero | None = None


class TableReplicationLags(DocumentModel):
    """Replication of a global table has the lag `lag`, or is paused, from `at` until `until`."""

    kind: Literal["table-replication"]
    table: str
    at: DurationOrZero = timedelta(0)
    until: DurationOrZero | None = None
    lag: DurationOrZero | None = None
    paused: bool = False


class ApiErrors(DocumentModel):
    """A percentage of a Region's responses has status 500 from `at` on, as after a bad release."""

    kind: Literal["api-errors"]
    region: str
    percent: PositiveInt = Field(le=100)
    at: DurationOrZero = timedelta(0)
    until: DurationOrZero | None = None


ScenarioFault = Annotated[
    LaunchFails
    | EndpointDown
    | CallFails
    | ServiceFails
    | InvocationFails
    | ReplicationLags
    | ApiDeleted
    | FunctionStopped
    | HealthSwitchedOff
    | TableReplicationLags
    | ApiErrors,
    Field(discriminator="kind"),
]


class Scenario(DocumentModel):
    """One incident with its faults, the start of the runbook, and the operator."""

    scenario: str
    description: str = ""
    incident: ScenarioIncident
    start: StartSettings = StartSettings()
    operator: OperatorSettings = OperatorSettings()
    faults: list[ScenarioFault] = Field(default=[])
