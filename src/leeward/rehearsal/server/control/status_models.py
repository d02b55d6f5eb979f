"""Models of the state of the whole world, as GET /_twin/state returns it.

Times are virtual, in UTC, and in ISO 8601 format. Durations are in seconds.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from leeward.rehearsal.results.result_models import StepReport


class ClockState(BaseModel):
    """The virtual clock. `pace` is the number of virtual seconds per real second. With 0, the clock is stopped."""

    now: datetime
    started_at: datetime
    pace: float


class InstanceState(BaseModel):
    """An EC2 instance."""

    id: str
    name: str | None
    state: str
    launched_at: datetime


class SourceServerState(BaseModel):
    """A DRS source server. `lag_seconds` is None until the initial sync is complete."""

    id: str
    name: str
    replication: str
    lag_seconds: float | None
    origin_region: str
    origin_instance: str
    recovery_instance: str | None
    last_launch: str | None


class ParticipantState(BaseModel):
    """A server in a job."""

    server: str
    status: str


class JobState(BaseModel):
    """A DRS job."""

    id: str
    type: str
    status: str
    initiated_by: str
    created_at: datetime
    ended_at: datetime | None
    servers: list[ParticipantState]


class RecoveryInstanceState(BaseModel):
    """A DRS recovery instance."""

    id: str
    instance: str
    source_server: str
    is_drill: bool
    launched_at: datetime


class EventState(BaseModel):
    """An event that DRS sent to EventBridge, with the fields of the event."""

    time: datetime
    region: str
    detail_type: str
    resources: list[str]
    detail: dict[str, str]


class ServedRegionState(BaseModel):
    """One Region.

    `dark` is whether the Region is unavailable. `serves` is whether a user that DNS sends here gets every page of the
    site now.
    """

    dark: bool
    serves: bool
    instances: list[InstanceState]
    source_servers: list[SourceServerState]
    jobs: list[JobState]
    recovery_instances: list[RecoveryInstanceState]


class RoutingControlState(BaseModel):
    """A routing control of the application."""

    component: str
    region: str
    arn: str
    state: str
    since: datetime


class DnsState(BaseModel):
    """The current DNS answer for the application's name. `answer` is None if the name doesn't resolve."""

    name: str
    answer: str | None
    region: str | None


class UsersState(BaseModel):
    """The simulated users.

    `served` (by Region) and `failed` count requests since the start. `now` counts the users by the Region that served
    their latest request. The key `nobody` counts those whose latest request failed.
    """

    count: int
    served: dict[str, int]
    failed: int
    now: dict[str, int]
    last_failure: str | None


class MachineState(BaseModel):
    """The state machine of a runbook."""

    arn: str
    runbook: str
    region: str


class QuestionState(BaseModel):
    """An open question of a run.

    Answer it with SendTaskSuccess and the output `{"decision": ..., "by": ..., "reason": ...}`.
    """

    step: str
    kind: str
    message: str
    choices: list[str]
    default: str
    token: str


class ExecutionState(BaseModel):
    """An execution. Only executions of the application's runbooks have `run`, `runbook`, and `steps`."""

    arn: str
    status: str
    started_at: datetime
    stopped_at: datetime | None
    run: str | None
    runbook: str | None
    steps: list[StepReport]
    questions: list[QuestionState]


class WorldState(BaseModel):
    """The state of the whole world.

    `problems` lists defects that the simulation found. The simulation continues, but its results aren't reliable.
    """

    application: str
    account: str
    scenario: str | None
    clock: ClockState
    regions: dict[str, ServedRegionState]
    routing_controls: list[RoutingControlState]
    dns: DnsState | None
    users: UsersState | None
    state_machines: list[MachineState]
    executions: list[ExecutionState]
    events: list[EventState]
    problems: list[str]
