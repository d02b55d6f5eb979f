"""People at work in one world under the deployed roles, and what is kept of it: what was used, and what denied."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from leeward.board.model import Board
from leeward.common import names
from leeward.control.identity import Statement
from leeward.operations.proof import prove
from leeward.operations.reach import Reach
from leeward.twin.engine import Ended, Fault
from leeward.twin.policies.guard import Used
from leeward.twin.run import Run
from leeward.twin.templates.assembly import Assembly
from leeward.twin.world.documents import Operator
from tests.triggers.deployed import Deployed, deployed

SILENT = Operator(approval="silence", failure="silence")


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
