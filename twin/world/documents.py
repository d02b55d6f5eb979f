"""What the twin is told: the world of an application (`world.yaml`) and the incident to rehearse (a scenario).

Both are optional in all but name: an application without a `world.yaml` gets one small server for each that it
expects, and a scenario needs no more than its incident. Times in a scenario count from the start of the rehearsal.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from state_machines.documents.fields import AnyDuration, Document, Duration

OperatorAnswer = Literal["approve", "reject", "silence"]
FailureAnswer = Literal["retry", "skip", "abort", "silence"]
FaultName = Literal["throttled", "server-error", "refused", "timed-out", "answer-lost", "denied", "expired"]


class Servers(Document):
    """The simulated servers of one group. `lag` is how far replication trails behind in steady state."""

    disks_gib: list[PositiveInt] = Field(default=[8], min_length=1)
    lag: AnyDuration = timedelta(seconds=5)
    boots_in: Duration = timedelta(seconds=60)
    pages: dict[str, str] = Field(default={})
    needs: list[str] = Field(default=[])


class Users(Document):
    """The clients that call the application once a second."""

    count: PositiveInt = Field(default=5, le=200)


class WorldDocument(Document):
    """`workloads/<application>/world.yaml`."""

    application: str
    servers: dict[str, Servers] = Field(default={})
    users: Users = Users()


class Incident(Document):
    """What happens. Without `dark` it marks a moment alone, for a rehearsal in which nothing is lost."""

    at: Duration
    dark: str | None = None
    black_hole: AnyDuration = timedelta(0)
    """How long a call to the dark Region hangs before it fails; 0s = refused at once."""


class Start(Document):
    """When a person starts the runbook, after the incident, and why."""

    after: AnyDuration = timedelta(minutes=2)
    reason: str = "rehearsal"


class Operator(Document):
    """The simulated person on call. `silence` never answers."""

    name: str = "on-call engineer"
    answers_after: Duration = timedelta(minutes=1)
    approval: OperatorAnswer = "approve"
    failure: FailureAnswer = "abort"


class LaunchFails(Document):
    """Servers of `group` do not launch. `servers` limits it to that many of them; `times` to that many launches."""

    kind: Literal["launch-fails"]
    group: str
    reason: str = "An error occurred (InsufficientInstanceCapacity): no capacity for the requested instance type"
    servers: PositiveInt | None = None
    times: PositiveInt | None = None


class EndpointDown(Document):
    """The routing-control cluster's endpoint in `region` is down from `at` on."""

    kind: Literal["endpoint-down"]
    region: str
    at: AnyDuration = timedelta(0)


class CallFails(Document):
    """The nth call of `operation` (`drs:StartRecovery`) and those after it, `times` in all, go wrong."""

    kind: Literal["call"]
    operation: str = Field(pattern=r"^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$")
    fault: FaultName
    nth: PositiveInt = 1
    times: PositiveInt = 1
    region: str | None = None


class ReplicationLags(Document):
    """Replication of `group` trails behind by `lag`, or is stalled, from `at` on."""

    kind: Literal["replication"]
    group: str
    at: AnyDuration = timedelta(0)
    lag: Duration | None = None
    stalled: bool = False


Fault = Annotated[LaunchFails | EndpointDown | CallFails | ReplicationLags, Field(discriminator="kind")]


class Scenario(Document):
    """One incident and everything around it."""

    scenario: str
    description: str = ""
    incident: Incident
    start: Start = Start()
    operator: Operator = Operator()
    faults: list[Fault] = Field(default=[])
