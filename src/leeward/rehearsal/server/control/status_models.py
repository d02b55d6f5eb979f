"""The whole world as one JSON document: times in ISO 8601, UTC, of the virtual clock; spans in seconds."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from leeward.rehearsal.results.result_models import StepReport


class ClockState(BaseModel):
    """`pace` is virtual seconds per real second; 0 stands still."""

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
    """A DRS source server. `lag_seconds` is None before the first copy is complete."""

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
    """An event that DRS handed to EventBridge, in the members of the event itself."""

    time: datetime
    region: str
    detail_type: str
    resources: list[str]
    detail: dict[str, str]


class ServedRegionState(BaseModel):
    """One Region. `serves`: would a user whom DNS sends here get every page of the site now?"""

    dark: bool
    serves: bool
    instances: list[InstanceState]
    source_servers: list[SourceServerState]
    jobs: list[JobState]
    recovery_instances: list[RecoveryInstanceState]


class RoutingControlState(BaseModel):
    """A routing control of the application's."""

    component: str
    region: str
    arn: str
    state: str
    since: datetime


class DnsState(BaseModel):
    """What the application's name resolves to now; `answer` is None where nothing answers."""

    name: str
    answer: str | None
    region: str | None


class UsersState(BaseModel):
    """The simulated users: requests answered by Region and failed, since the start; who served each just now."""

    count: int
    served: dict[str, int]
    failed: int
    now: dict[str, int]
    last_failure: str | None


class MachineState(BaseModel):
    """A state machine of a runbook."""

    arn: str
    runbook: str
    region: str


class QuestionState(BaseModel):
    """What a run waits for: answer with SendTaskSuccess, output `{"decision": ..., "by": ..., "reason": ...}`."""

    step: str
    kind: str
    message: str
    choices: list[str]
    default: str
    token: str


class ExecutionState(BaseModel):
    """An execution. `run`, `runbook` and `steps` only where it runs a runbook of the application."""

    arn: str
    status: str
    started_at: datetime
    stopped_at: datetime | None
    run: str | None
    runbook: str | None
    steps: list[StepReport]
    questions: list[QuestionState]


class WorldState(BaseModel):
    """Everything. `problems` are defects that the simulation met: it goes on, but do not trust it further."""

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
