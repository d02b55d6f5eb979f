"""People at work in one world under the deployed roles, and what is kept of it: what was used, and what denied."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from leeward.board.model import Board
from leeward.common.naming import resource_names
from leeward.control.approvals.caller_identity import SignedStatement
from leeward.operations.aws_session import AwsSession
from leeward.operations.identity_proof import sign_statement
from leeward.rehearsal.scenarios.scenario_documents import OperatorSettings
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.twin.engine import ExecutionResult, FaultKind
from leeward.twin.policies.call_authorizer import UsedPermission
from leeward.twin.templates.cloud_assembly import CloudAssembly
from tests.rehearsals.triggers.deployed_application import DeployedApplication, deployed_application

SILENT = OperatorSettings(approval="silence", failure="silence")


@dataclass
class PermissionUsage:
    """What was used, what was denied, and how each run ended."""

    used: set[UsedPermission] = field(default_factory=set)
    denied: list[str] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)
    ends: dict[str, str] = field(default_factory=dict)
    published: Board | None = None
    """The board as it lay in its bucket after a deployment of the other Region's stack."""

    @contextmanager
    def world(self, assembly: CloudAssembly, **more: Any) -> Iterator[OperatorActions]:
        """A world of which everything is kept."""
        with deployed_application(assembly, live=False, operator=SILENT, **more) as opened:
            acts = OperatorActions(opened, self, opened.stage.application.application)
            opened.stage.engine.add_event_listener(acts.observe)
            yield acts
            self.collect(opened)

    def collect(self, opened: DeployedApplication) -> None:
        """What the world's guard has seen."""
        guard = opened.stage.guard
        assert guard is not None
        self.used |= guard.used_permissions
        self.denied += [str(denied) for denied in guard.denied_calls]
        self.unjudged += guard.unsupported_policies


@dataclass(frozen=True)
class OperatorActions:
    """What people do in one world."""

    world: DeployedApplication
    proof: PermissionUsage
    application: str
    entered: dict[str, list[str]] = field(default_factory=dict)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def stage(self) -> RehearsalSession:
        return self.world.stage

    def invoke(self, region: str, task: str, event: Any) -> Any:
        """One invocation of a deployed function."""
        functions = self.stage.engine.functions
        made = functions.invoke_in_new_task(
            functions.find(resource_names.function_name(self.application, task), region), json.dumps(event)
        )
        return json.loads(made.payload)

    def start(self, name: str, runbook: str, **given: Any) -> RehearsedRun:
        run: RehearsedRun = self.stage.start_run(name, {"reason": "proof", **given}, runbook=runbook)
        return run

    def finish(self, run: RehearsedRun) -> ExecutionResult:
        ended: ExecutionResult = self.stage.wait_for_end(run)
        self.proof.ends[run.id] = f"{ended.status} {ended.error or ''}".strip()
        return ended

    def wait_for_state(self, run: RehearsedRun, state: str) -> dict[str, Any]:
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

    def answer(self, run: RehearsedRun, decision: str, question: str) -> None:
        """As a person does who is on call, with the proof of who they are."""
        said = {"run": run.id, "decision": decision, "reason": "proof", "question": question}
        statement = SignedStatement(run.id, decision, "proof", question)
        proof = sign_statement(AwsSession(endpoint_url="http://twin", twin_user="ann"), statement, run.way.target)
        self.invoke(run.way.target, "answer", said | {"proof": proof})

    def deny_call_at(self, state: str, operation: str) -> None:
        """Once, in a run that has come to this state, AWS denies the call."""

        def entered(_: str, event: dict[str, Any]) -> None:
            name = (event.get("stateEnteredEventDetails") or {}).get("name")
            if name == state and not planned:
                planned.append(self.stage.engine.interceptor.inject_fault(operation, FaultKind.ACCESS_DENIED))

        planned: list[Any] = []
        self.stage.engine.add_event_listener(entered)

    def lose_intent_write_response(self) -> None:
        """The next time that a recovery writes down what it is about to start, the write's answer is lost."""
        own = [c.operation for c in self.stage.engine.interceptor.calls if c.caller == "leeward-website-drs-recover"]
        writes = own[: own.index("drs:StartRecovery")].count("dynamodb:PutItem")

        def entered(_: str, event: dict[str, Any]) -> None:
            name = (event.get("stateEnteredEventDetails") or {}).get("name")
            if name == "Recover database" and not planned:
                planned.append(
                    self.stage.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.ANSWER_LOST, nth=writes)
                )

        planned: list[Any] = []
        self.stage.engine.add_event_listener(entered)

    def protect_retired_instances(self, region: str) -> None:
        """Once the old machines are being terminated, somebody protects them: the first try fails."""
        ec2, drs, wire = self.stage.engine.client("ec2", region), self.stage.world.drs, self.stage.engine.interceptor

        def look() -> None:
            if any(c.operation == "drs:TerminateRecoveryInstances" and "retire" in str(c.caller) for c in wire.calls):
                looking.cancel()
                for machine in drs.recovery_instances(region):
                    protected = {"InstanceId": machine.ec2_instance_id, "DisableApiTermination": {"Value": True}}
                    ec2.modify_instance_attribute(**protected)

        looking = self.stage.engine.clock.call_every(5, look, name="somebody")

    def resume(self, run: RehearsedRun) -> None:
        """Redriven, the run goes on at the step that failed."""
        self.entered[run.execution].clear()
        self.stage.engine.redrive_execution(run.execution)

    def stop(self, run: RehearsedRun) -> ExecutionResult:
        """In the middle of its work, as in the console."""
        self.stage.engine.client("stepfunctions", run.way.target).stop_execution(executionArn=run.execution)
        return self.finish(run)

    def repeat_question(self, region: str, task: str, sent: dict[str, Any]) -> None:
        """The task that asked is called again after the answer, with another token: after a crash, or a redrive."""
        self.invoke(region, task, sent | {"token": "another token"})
