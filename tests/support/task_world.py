"""A small world to call handlers in: the twin's engine, its DRS and ARC, a table, a topic, and one website.

`world.call(task, ...)` is one invocation; `world.drive(task, ...)` does what the machine's waiting construct does.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from moto.sns.models import sns_backends

from leeward.common.aws.tables.state_table import StateTable
from leeward.control.journal.run_journal import JournalEntry, read_entries
from leeward.lambdas.runtime.invocation.task_events import WaitingEvent
from leeward.state_machines.fragments.retries import PERMANENT_ERRORS, UNEXPECTED_ERRORS
from leeward.twin.aws.drs import DrsQuotas, DrsSimulator, LaunchSettings
from leeward.twin.aws.moto_fixes.elbv2_target_health import TargetHealth
from leeward.twin.aws.routing_control import RoutingControlSimulator
from leeward.twin.aws.seeded_services.elbv2_load_balancers import (
    HealthCheckSettings,
    seed_load_balancer,
    seed_target_group,
)
from leeward.twin.aws.service_framework.backend_hooks import BackendHooks
from leeward.twin.engine import Engine
from leeward.twin.realism.realism_settings import Realism

ACCOUNT = "111122223333"
ORIGIN, TARGET = "us-east-1", "us-west-2"
START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TABLE, TOPIC = "leeward", f"arn:aws:sns:{TARGET}:{ACCOUNT}:leeward"
ENVIRONMENT = {"LEEWARD_TABLE": TABLE, "LEEWARD_TOPIC_ARN": TOPIC, "POWERTOOLS_METRICS_DISABLED": "true"}
ENDPOINTS = [
    {"region": region, "url": f"https://{letter * 8}.route53-recovery-cluster.{region}.amazonaws.com/v1"}
    for letter, region in zip(
        "abcde", ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2"), strict=True
    )
]
CONTROLS = {
    region: f"arn:aws:route53-recovery-control::{ACCOUNT}:controlpanel/p1/routingcontrol/{region}"
    for region in (ORIGIN, TARGET)
}
TARGET_GROUP = f"arn:aws:elasticloadbalancing:{TARGET}:{ACCOUNT}:targetgroup/website-home/0a1b2c3d4e5f6071"
SHORT_POLL = {"first_seconds": 5, "longest_seconds": 20, "timeout_seconds": 600}


@dataclass
class TaskFailed(Exception):
    """What a Catch would see."""

    error: str
    cause: str

    def __str__(self) -> str:
        return f"{self.error}: {self.cause}"


@dataclass
class TaskWorld:
    """One run's surroundings. `run` is what every event carries."""

    engine: Engine
    drs: DrsSimulator
    arc: RoutingControlSimulator
    run: dict[str, Any] = field(default_factory=dict)
    attempt: int = 1
    targets_healthy: bool = True

    # -- calling ----------------------------------------------------------------------------------

    def call(self, task: str, event: dict[str, Any]) -> Any:
        """One invocation of a handler. Raises Failed."""
        function = self.engine.functions.register(
            TARGET, f"leeward-{task.replace('_', '-')}", load_handler(task), environment=ENVIRONMENT
        )
        made = self.engine.functions.invoke_in_new_task(function, json.dumps(event))
        answer = json.loads(made.payload)
        if made.has_failed:
            raise TaskFailed(made.error_type or "", made.error_message or "")
        return answer

    def event(
        self, kind: str = "drs.recover", step: str = "step", *, undo: bool = False, **parameters: Any
    ) -> dict[str, Any]:
        """Return the event of a task of a step. With `undo`, the task undoes the step."""
        identity = {"id": step, "name": step.capitalize(), "kind": kind, "attempt": self.attempt}
        return {"run": self.run, "step": identity | ({"undo": True} if undo else {}), "parameters": parameters}

    def first_event(self, kind: str = "step.kind", step: str = "step", **parameters: Any) -> dict[str, Any]:
        """Return the event of a step's first call."""
        return self.event(kind, step, **parameters) | {"poll": SHORT_POLL}

    def step(self, task: str, kind: str = "step.kind", step: str = "step", **parameters: Any) -> Any:
        """One call of a task that usually reaches its goal at once."""
        is_polled = issubclass(load_handler(task).event_model, WaitingEvent)
        make_event = self.first_event if is_polled else self.event
        return self.call(task, make_event(kind, step, **parameters))

    def run_until_done(
        self, task: str, *, minutes: float = 40, first: int = 10, longest: int = 90, **parameters: Any
    ) -> dict[str, Any]:
        """Act, wait, look, until done: with the state machine's retries of what may be tried again.

        `longest` is more than a state machine waits, because most of a launch is the same answer again and again.
        """
        poll: dict[str, Any] = {
            "first_seconds": first,
            "longest_seconds": longest,
            "timeout_seconds": int(minutes * 60),
        }
        head: dict[str, Any] = {}
        while True:
            progress = self.call_with_retries(task, self.event(**parameters) | {"poll": poll} | head)
            if progress["status"] == "done":
                return dict(progress)
            if progress["elapsed_seconds"] >= poll["timeout_seconds"]:
                raise TaskFailed("TimedOut", progress["detail"])
            self.engine.clock.sleep(progress["wait_seconds"])
            head = {"head": progress["head"]}
            poll |= {name: progress[name] for name in ("attempt", "waited_seconds", "started_at", "news", "memo")}

    def poll_once(self, task: str, **parameters: Any) -> dict[str, Any]:
        """One call of a waiting task, its first. It looks again while it has time."""
        poll = {"first_seconds": 10, "longest_seconds": 30, "timeout_seconds": 1500}
        return dict(self.call(task, self.event(**parameters) | {"poll": poll}))

    def look_once(self, task: str, **parameters: Any) -> dict[str, Any]:
        """One call of a waiting task that doesn't look again, because its next look is due much later."""
        poll = {"first_seconds": 60, "longest_seconds": 60, "timeout_seconds": 1500}
        return dict(self.call(task, self.event(**parameters) | {"poll": poll}))

    def call_with_retries(self, task: str, event: dict[str, Any]) -> Any:
        """A call with a Task's Retry: transient errors and Lambda's own, five times more."""
        for pause in (2, 4, 8, 16, 30, None):
            try:
                return self.call(task, event)
            except TaskFailed as failed:
                if pause is None or failed.error in (*PERMANENT_ERRORS, *UNEXPECTED_ERRORS):
                    raise
                self.engine.clock.sleep(pause)
        raise AssertionError("unreachable")

    @contextmanager
    def slow_calls(self, seconds: float) -> Iterator[None]:
        """Let each successful AWS call take so long that a task does its work in several calls."""
        listeners = self.engine.interceptor.call_listeners

        def wait(*_: object) -> None:
            self.engine.clock.sleep(seconds)

        listeners.append(wait)
        try:
            yield
        finally:
            listeners.remove(wait)

    # -- what is there ----------------------------------------------------------------------------

    def client(self, service: str, region: str = TARGET) -> Any:
        return self.engine.client(service, region)

    @property
    def table(self) -> StateTable:
        return StateTable(self.client("dynamodb"), TABLE)

    @property
    def journal(self) -> list[JournalEntry]:
        return read_entries(self.table, self.run["id"])

    @property
    def messages(self) -> list[tuple[str, str]]:
        """Subject and body of every message that was published."""
        sent = sns_backends[ACCOUNT][TARGET].topics[TOPIC].sent_notifications
        return [(str(subject), str(body)) for _, body, subject, *_ in sent]

    def event_names(self) -> list[str]:
        """The journal's events, without the waiting."""
        return [entry.event.value for entry in self.journal if entry.event != "step.waiting"]

    def servers(self, *roles: str, lag: int = 5, settings: LaunchSettings | None = None) -> list[str]:
        """Add replicated servers named after their roles, and let them settle; their ids."""
        return [
            self.drs.add_source_server(
                TARGET,
                role,
                ORIGIN,
                f"i-{number:017x}",
                tags={"Application": "website", "Role": role.rstrip("0123456789-"), "Name": role},
                disks_gib=(8,),
                steady_lag_seconds=lag,
                launch=settings or LaunchSettings(),
            ).server_id
            for number, role in enumerate(roles, start=1)
        ]

    def load_balancer(self) -> None:
        """A load balancer in the target Region, with one target group; whether its targets serve is `serving`."""
        hooks = BackendHooks(self.engine.clock.now, self.engine.clock.call_later, Random(1))
        TargetHealth(hooks, ACCOUNT, [TARGET], lambda *_: self.targets_healthy)
        seed_target_group(TARGET_GROUP, port=80, health_check=HealthCheckSettings(interval=10, healthy_threshold=3))
        seed_load_balancer(ACCOUNT, TARGET, f"website.{TARGET}.elb.amazonaws.com", {"/*": TARGET_GROUP})

    def launch_jobs(self) -> list[Any]:
        """The launch jobs that DRS has, as its own record has them."""
        return [job for job in self.drs.jobs(TARGET) if job.kind == "LAUNCH"]

    def started_servers(self) -> list[str]:
        """Every server that a job was started for, with repetitions: what exactly-once is about."""
        return sorted(part.server_id for job in self.launch_jobs() for part in job.participants)

    def recovered_servers(self) -> set[str]:
        return {i.server_id for i in self.drs.recovery_instances(TARGET)}

    def advance(self, seconds: float) -> None:
        self.engine.clock.sleep(seconds)

    def count_calls(self, operation: str) -> int:
        """How many calls of an operation came from handlers."""
        return sum(1 for call in self.engine.interceptor.calls if call.operation == operation)

    def start_new_run(self, name: str = "run-2", **given: Any) -> None:
        """Go on as another run."""
        self.run = run_reference(name, self.engine.clock.now(), **given)


def load_handler(task: str) -> Any:
    """The handler of a task."""
    return importlib.import_module(f"leeward.lambdas.{task}").handler


def server_group(role: str = "web", **more: Any) -> dict[str, Any]:
    """A group of servers by their role."""
    return {"name": role, "tags": {"Application": "website", "Role": role}, "expect": None} | more


def recover_parameters(*waves: str | tuple[str, ...], **more: Any) -> dict[str, Any]:
    """The parameters of drs_recover. Each wave is a group's role, or the roles of several groups."""
    roles = [(wave,) if isinstance(wave, str) else wave for wave in waves or ("web",)]
    groups = [[server_group(role) for role in wave] for wave in roles]
    return {"waves": groups, "is_drill": False, "point_in_time": None} | more


def target_group_parameters(arn: str = TARGET_GROUP, role: str = "web") -> dict[str, Any]:
    """The parameters of alb_register and alb_deregister for one group of servers."""
    return {"targets": [{"target_group_arn": arn, "port": 80, "group": server_group(role)}]}


def run_reference(name: str = "run-1", started_at: datetime = START, **given: Any) -> dict[str, Any]:
    """A run's reference, as the first state makes it."""
    return {
        "id": f"website.failover.{name}",
        "application": "website",
        "runbook": "failover",
        "origin": ORIGIN,
        "target": TARGET,
        "started_at": started_at.isoformat(),
        "incident_at": None,
        "point_in_time": None,
        "accept_data_loss": False,
        "approved": False,
        "reason": None,
        "take_over": None,
    } | given


@contextmanager
def open_task_world(seed: int = 7, quotas: DrsQuotas | None = None) -> Iterator[TaskWorld]:
    """A world in which servers replicate and nothing has happened yet."""
    start = START - timedelta(days=1)
    with Engine(start=start, seed=seed, account=ACCOUNT, realism=Realism.none()) as engine:
        hooks = BackendHooks(engine.clock.now, engine.clock.call_later, Random(seed))
        drs = (
            DrsSimulator(hooks, account_id=ACCOUNT)
            if quotas is None
            else DrsSimulator(hooks, account_id=ACCOUNT, quotas=quotas)
        )
        drs.initialise_region(ORIGIN)
        drs.initialise_region(TARGET)
        arc = RoutingControlSimulator(hooks, ACCOUNT)
        arc.seed_cluster(
            "website",
            endpoints={e["region"]: e["url"] for e in ENDPOINTS},
            controls={CONTROLS[ORIGIN]: "On", CONTROLS[TARGET]: "Off"},
            names={arn: region for region, arn in CONTROLS.items()},
        )
        engine.client("dynamodb", TARGET).create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )
        engine.client("sns", TARGET).create_topic(Name="leeward")
        yield TaskWorld(engine, drs, arc, run_reference())
