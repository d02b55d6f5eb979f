"""Every task of the website at work under its deployed role: runs that succeed, and runs that fail in each way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from board.model import Board
from common import names
from control.identity import Statement
from operations.proof import prove
from operations.reach import Reach
from tests.rehearsals.drills import EAST, WEST
from tests.triggers.deployed import ACCOUNT, Deployed, deployed
from twin.engine import Ended, Fault
from twin.events.delivery import Attempts, Parcel
from twin.events.shapes import Sender, stack_event
from twin.policies.guard import Used
from twin.run import Run
from twin.templates.assembly import Assembly
from twin.world.documents import Operator

SILENT = Operator(approval="silence", failure="silence")
NO_CAPACITY = "An error occurred (InsufficientInstanceCapacity): no capacity"


@dataclass
class Proof:
    """What was used, what was denied, and how each run ended."""

    used: set[Used] = field(default_factory=set)
    denied: list[str] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)
    ends: dict[str, str] = field(default_factory=dict)
    published: Board | None = None
    """The board as it lay in its bucket after a deployment of the other Region's stack."""

    @contextmanager
    def world(self, assembly: Assembly, **more: Any) -> Iterator[Acts]:
        """A world of which everything is kept."""
        with deployed(assembly, live=False, operator=SILENT, **more) as opened:
            acts = Acts(opened, self, opened.stage.application.application)
            opened.stage.engine.on_event(acts.observe)
            yield acts
            self.keep(opened)

    def keep(self, opened: Deployed) -> None:
        """What the world's guard has seen."""
        guard = opened.stage.guard
        assert guard is not None
        self.used |= guard.used
        self.denied += [str(denied) for denied in guard.denied]
        self.unjudged += guard.unjudged


@dataclass(frozen=True)
class Acts:
    """What people do in one world."""

    world: Deployed
    proof: Proof
    application: str
    entered: dict[str, list[str]] = field(default_factory=dict)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def stage(self) -> Any:
        return self.world.stage

    def invoke(self, region: str, task: str, event: Any) -> Any:
        """One invocation of a deployed function."""
        functions = self.stage.engine.functions
        made = functions.invoke_apart(functions.find(names.function(self.application, task), region), json.dumps(event))
        return json.loads(made.payload)

    def start(self, name: str, runbook: str, **given: Any) -> Run:
        run: Run = self.stage.start(name, {"reason": "proof", **given}, runbook=runbook)
        return run

    def end(self, run: Run) -> Ended:
        ended: Ended = self.stage.finish(run)
        self.proof.ends[run.id] = f"{ended.status} {ended.error or ''}".strip()
        return ended

    def until(self, run: Run, state: str) -> dict[str, Any]:
        """Let time pass until the run has entered the state; what the task in it was sent, where it has one."""
        for _ in range(2000):
            if state in self.entered.get(run.execution, ()):
                self.stage.engine.clock.sleep(2)
                return self.sent[run.execution]
            self.stage.engine.clock.sleep(2)
        raise AssertionError(f"{run.id} never came to {state}, but to {self.entered[run.execution]}")

    def observe(self, execution: str, event: dict[str, Any]) -> None:
        """An event of a run's history."""
        entered, scheduled = event.get("stateEnteredEventDetails"), event.get("taskScheduledEventDetails")
        if entered:
            self.entered.setdefault(execution, []).append(str(entered["name"]))
        if scheduled:
            self.sent[execution] = json.loads(scheduled["parameters"]).get("Payload", {})

    def answer(self, run: Run, decision: str, question: str) -> None:
        """As a person does who is on call, with the proof of who they are."""
        said = {"run": run.id, "decision": decision, "reason": "proof", "question": question}
        statement = Statement(run.id, decision, "proof", question)
        proof = prove(Reach(endpoint_url="http://twin", who="ann"), statement, run.way.target)
        self.invoke(run.way.target, "answer", said | {"proof": proof})

    def fails_at(self, state: str, operation: str) -> None:
        """Once, in a run that has come to this state, AWS denies the call."""

        def entered(_: str, event: dict[str, Any]) -> None:
            name = (event.get("stateEnteredEventDetails") or {}).get("name")
            if name == state and not planned:
                planned.append(self.stage.engine.wire.fail(operation, Fault.DENIED))

        planned: list[Any] = []
        self.stage.engine.on_event(entered)

    def lose_the_orders_answer(self) -> None:
        """The next time that a recovery writes down what it is about to start, the write's answer is lost."""
        own = [c.operation for c in self.stage.engine.wire.calls if c.caller == "leeward-website-drs-recover"]
        writes = own[: own.index("drs:StartRecovery")].count("dynamodb:PutItem")

        def entered(_: str, event: dict[str, Any]) -> None:
            name = (event.get("stateEnteredEventDetails") or {}).get("name")
            if name == "Recover database" and not planned:
                planned.append(self.stage.engine.wire.fail("dynamodb:PutItem", Fault.ANSWER_LOST, nth=writes))

        planned: list[Any] = []
        self.stage.engine.on_event(entered)

    def protect_what_is_retired(self, region: str) -> None:
        """Once the old machines are being terminated, somebody protects them: the first try fails."""
        ec2, drs, wire = self.stage.engine.client("ec2", region), self.stage.world.drs, self.stage.engine.wire

        def look() -> None:
            if any(c.operation == "drs:TerminateRecoveryInstances" and "retire" in str(c.caller) for c in wire.calls):
                looking.cancel()
                for machine in drs.recovery_instances(region):
                    protected = {"InstanceId": machine.ec2_instance_id, "DisableApiTermination": {"Value": True}}
                    ec2.modify_instance_attribute(**protected)

        looking = self.stage.engine.clock.every(5, look, name="somebody")

    def resume(self, run: Run) -> None:
        """Redriven, the run goes on at the step that failed."""
        self.entered[run.execution].clear()
        self.stage.engine.redrive(run.execution)

    def stop(self, run: Run) -> Ended:
        """In the middle of its work, as in the console."""
        self.stage.engine.client("stepfunctions", run.way.target).stop_execution(executionArn=run.execution)
        return self.end(run)

    def again(self, region: str, task: str, sent: dict[str, Any]) -> None:
        """The task that asked is called again after the answer, with another token: after a crash, or a redrive."""
        self.invoke(region, task, sent | {"token": "another token"})


def there_and_back(proof: Proof, assembly: Assembly) -> None:
    """Failovers that fail, one that is taken over and succeeds; failbacks, the first of which is taken back."""
    with proof.world(assembly) as acts:
        stage = acts.stage
        server = stage.world.drs.servers(WEST)[0].server_id
        stage.world.drs.set_lag(server, 900)
        asks = acts.start("asks", "failover")
        sent = acts.until(asks, "Check that the failover can succeed: what now?")
        acts.answer(asks, "abort", "check_that_the_failover_can_succeed#1#failure")
        acts.end(asks)
        acts.again(WEST, "ask", sent)
        stage.world.drs.set_lag(server, 5)
        acts.resume(asks)
        acts.until(asks, "Ask for approval: wait for the answer")
        acts.answer(asks, "reject", "ask_for_approval#1#approval")
        acts.end(asks)
        _launch_fails(acts)
        stage.wait_until(stage.incident_at + timedelta(minutes=1))
        since = {"incident_at": stage.incident_at.isoformat(), "approve": True}
        acts.lose_the_orders_answer()
        dies = acts.start("dies", "failover", **since)
        acts.until(dies, "Recover home-page")
        acts.stop(dies)
        stage.engine.wire.fail("drs:StartRecovery", Fault.THROTTLED)
        acts.end(acts.start("takes-over", "failover", take_over=dies.id, **since))
        acts.world.minutes(10)
        stage.darkness.ends()
        acts.world.minutes(10)
        stage.engine.wire.fail("route53-recovery-cluster:UpdateRoutingControlStates", Fault.REFUSED, times=45)
        acts.end(acts.start("taken-back", "failback", approve=True))
        acts.protect_what_is_retired(WEST)
        acts.end(acts.start("returns", "failback", approve=True))


def _launch_fails(acts: Acts) -> None:
    """To a point in time, with an approval that is given, answered again, and then a server that does not launch."""
    stage = acts.stage
    for server in stage.world.drs.servers(WEST):
        stage.world.drs.fail_launch(server.server_id, NO_CAPACITY, times=1)
    point = (stage.engine.clock.now() - timedelta(hours=1)).isoformat()
    run = acts.start("to-a-point", "failover", point_in_time=point, accept_data_loss=True)
    sent = acts.until(run, "Ask for approval: wait for the answer")
    acts.answer(run, "approve", "ask_for_approval#1#approval")
    acts.world.minutes(0.2)
    acts.again(WEST, "approval-request", sent)
    acts.end(run)


def drill_of_the_way_back(proof: Proof, assembly: Assembly) -> None:
    """It succeeds."""
    with proof.world(assembly, main="failback-drill", dark=None) as acts:
        acts.end(acts.start("drill", "failback-drill"))


def started_by_itself(proof: Proof, assembly: Assembly) -> None:
    """An alarm starts a failover, and a schedule is refused while it acts; a schedule starts a drill, and an alarm."""
    drill = next(iter(assembly.resources("AWS::Scheduler::Schedule")))
    with deployed(assembly, dark=None) as world:
        world.minutes(1)  # the probes have looked
        world.events.bus.put(WEST, world.alarm_event())
        world.minutes(0.5)
        fire(world, drill.name, drill.properties["Target"])
        world.minutes(0.5)
        proof.published = deployed_anew(world)
        proof.keep(world)
    with deployed(assembly, main="drill", dark=None) as world:
        fire(world, drill.name, drill.properties["Target"])
        world.minutes(0.5)
        world.events.bus.put(WEST, world.alarm_event())
        world.minutes(0.5)
        proof.keep(world)
    with proof.world(assembly, dark=None) as acts:
        for region, task, event in _hourly(assembly):
            acts.invoke(region, task, event)


def deployed_anew(world: Deployed) -> Board:
    """CloudFormation has updated a stack of the origin: what readiness then looks at, and the board then shows."""
    clock, stack = world.stage.engine.clock, "leeward-website-engine"
    event = stack_event(Sender("de000000", ACCOUNT, EAST), stack, "UPDATE_COMPLETE", clock.now())
    world.events.bus.put(EAST, event)
    world.minutes(0.5)
    bucket = names.board_bucket("website", ACCOUNT, WEST)
    told = world.stage.engine.client("s3", WEST).get_object(Bucket=bucket, Key="board.json")["Body"].read()
    return Board.model_validate_json(told)


def _hourly(assembly: Assembly, application: str = "website") -> Iterator[tuple[str, str, Any]]:
    """What a rule on a rate invokes, and with what: nobody waits for an hour."""
    for rule in assembly.resources("AWS::Events::Rule"):
        for target in rule.properties["Targets"] if "ScheduleExpression" in rule.properties else ():
            _, ours, task = str(target["Arn"]).rpartition(f"{names.of_application(application)}-")
            if ours:  # and none of the application's own functions
                yield rule.region, task, json.loads(target["Input"])


def fire(world: Deployed, name: str, target: Any, at: str = "2026-03-03T09:00:00Z") -> None:
    """A schedule with this target is due; as Scheduler would, without waiting for it."""
    payload = str(target["Input"]).replace("<aws.scheduler.scheduled-time>", at)
    payload = payload.replace("<aws.scheduler.execution-id>", f"fired-{at}")
    world.events.delivery.send(Parcel(target["Arn"], payload, name, Attempts(0), None))


def ticketing(proof: Proof, assembly: Assembly) -> None:
    """The ticketing service fails over, back and in a drill; one run fails, is asked about, resumed and stopped."""
    for main in ("failover", "failback", "drill"):
        with proof.world(assembly, application="ticketing", main=main, dark=None) as acts:
            more = {"take_over": _asked_about(acts, assembly).id} if main == "failover" else {}
            acts.end(acts.start("goes", main, approve=True, **more))


def _asked_about(acts: Acts, assembly: Assembly) -> Run:
    """Approved by a person; then its last check fails, and a person gives it up. Resumed, it is stopped by hand."""
    acts.fails_at("Check as a user would", "secretsmanager:GetSecretValue")
    run = acts.start("asks", "failover")
    region = run.way.target
    sent = acts.until(run, "Ask for approval: wait for the answer")
    for called in (*_hourly(assembly, "ticketing"), _board(assembly)):  # while a run runs, which they look for
        acts.invoke(*called)
    acts.answer(run, "approve", "ask_for_approval#1#approval")
    acts.world.minutes(0.2)
    acts.again(region, "approval-request", sent)
    sent = acts.until(run, "Check as a user would: what now?")
    acts.answer(run, "abort", "check_as_a_user_would#1#failure")
    acts.end(run)
    acts.again(region, "ask", sent)
    acts.resume(run)
    acts.until(run, "Check as a user would")
    acts.stop(run)
    return run


def _board(assembly: Assembly) -> tuple[str, str, Any]:
    """What readiness is followed by: the board is written anew."""
    for rule in assembly.resources("AWS::Events::Rule"):
        for target in rule.properties.get("Targets", ()):
            if str(target["Arn"]).endswith("-board"):
                return rule.region, "board", json.loads(target["Input"])
    raise AssertionError("no rule has the board written")
