"""Injects faults into a session's run, records the points at which faults are possible, and ends the faults again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from leeward.common.naming import resource_names
from leeward.control.approvals.questions import QuestionKind
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.sweep.faults.baseline import Baseline
from leeward.rehearsal.sweep.faults.planned_faults import (
    SDK_RETRIED_MODES,
    THROTTLED_LONG,
    InvocationFaultMode,
    PlannedFault,
    parse_invocation_error,
)
from leeward.rehearsal.sweep.injection.fault_effects import (
    ALREADY_ENDED,
    NOT_ASKED,
    UNCHANGED_RESPONSE,
    FaultEffects,
    already_unavailable,
)
from leeward.rehearsal.sweep.injection.operator_faults import has_changed_answer
from leeward.twin.engine.lambda_runtime.faults.invocation_faults import (
    AnyInvocationFault,
    InvocationFault,
    InvokedFunction,
)
from leeward.twin.interception import SERVICE_FAULTS, FaultKind, ServiceOutage
from leeward.twin.interception.calls.aws_calls import CallTarget
from leeward.twin.interception.faults.unexpected_responses import RESPONSE_FAULTS

STOP_ERROR, STOP_CAUSE = "Stopped", "stopped from outside, by the sweep"
_LONG_THROTTLE = timedelta(minutes=10)
# How long a service fails in a trial. The recovery starts after it.
_SERVICE_OUTAGE = timedelta(minutes=20)
_INVOCATION_FAULTS = {
    InvocationFaultMode.TWICE: InvocationFault.RUN_TWICE,
    InvocationFaultMode.OVERRUNS: InvocationFault.TIMED_OUT,
}


def _is_leeward_function(function: str) -> bool:
    """Return whether the function belongs to the run. The application's own functions get no faults."""
    return function.startswith(f"{resource_names.PREFIX}-")


@dataclass(slots=True)
class _InvocationContext:
    """The current invocation of a task: its state, its number in the run, and how many calls it has made."""

    state: str = ""
    number: int = 0
    calls: int = 0


# A task of the twin is a greenlet, which has its own context variables.
_invocation_context: ContextVar[_InvocationContext] = ContextVar("invocation", default=_InvocationContext())  # noqa: B039 - for calls outside any invocation


class FaultPlan(Protocol):
    """Decides which faults a run gets."""

    def faults_at(self, point: str) -> tuple[PlannedFault, ...] | None:
        """Return the faults to inject from `point` on, or None if none start at this point."""
        ...

    def on_equivalent_point(self, key: str) -> None:
        """Process a point with the state `key`. All trials that reach it continue identically."""
        ...

    def on_fault_without_effect(self, reason: str) -> None:
        """Process a fault that has changed nothing and no longer can."""
        ...


class NoFaultPlan:
    """The plan of the baseline run, which has no faults."""

    def faults_at(self, point: str) -> None:
        """Return no faults."""

    def on_equivalent_point(self, key: str) -> None:
        """Do nothing, because there is only one run."""

    def on_fault_without_effect(self, reason: str) -> None:
        """Do nothing, because the run isn't one of several."""


class FaultInjector:
    """Injects faults into one run, from `start_injecting` to `stop_injecting`.

    `observed` is the record of the run meanwhile. `effects` says which faults have changed something.
    """

    def __init__(self, session: RehearsalSession, fault_plan: FaultPlan) -> None:
        self._session, self._fault_plan = session, fault_plan
        self._normal_operator = session.scenario.operator
        self.faults: tuple[PlannedFault, ...] = ()
        self.observed = Baseline()
        self.effects = FaultEffects()
        self._throttled_until: dict[tuple[str, str], datetime] = {}
        self._outage_regions: list[str] = []
        self._service_outages: list[ServiceOutage] = []
        self._stop_faults: list[PlannedFault] = []
        self._run: RehearsedRun | None = None
        self._is_active = False
        # The fault that changes the response of the current call, and the number of that call.
        self._changing_response: tuple[PlannedFault, int] | None = None
        # The numbers of the calls that are on their way to AWS. Meanwhile, parallel lanes can send others.
        self._numbers_in_flight: dict[str, int] = {}
        # The API call that got a fault and that the SDK will retry.
        self._call_to_retry = ""
        session.engine.add_event_listener(self._on_history_event)

    def reach_point(self, point: str) -> None:
        """Use the faults that start at `point`, if there are any."""
        self.faults = self._fault_plan.faults_at(point) or self.faults

    def start_injecting(self, run: RehearsedRun) -> None:
        """Inject faults into this run from now on."""
        self._run, self._is_active = run, True
        for step in run.ready.compiled.steps:
            self.observed.kinds_by_step[step.id] = step.kind
            self.observed.kinds_by_state |= dict.fromkeys((*step.states, *step.undo_states), step.kind)
        self._session.engine.interceptor.kill_plan = self._kills_before_sending
        self._session.engine.interceptor.fault_plan = self._fault_for_call
        self._session.engine.interceptor.on_changed_response = self._on_response_altered
        self._session.engine.functions.faults.plan = self._fault_for_invocation

    def stop_injecting(self, asked: Collection[QuestionKind] = (), *, was_stopped: bool = False) -> None:
        """Stop injecting faults, and end the outages that they started.

        `asked` is what the operator was asked, and `was_stopped` whether the run was stopped from outside.
        """
        self._is_active = False
        for fault in self._stop_faults:
            if was_stopped:
                self.effects.record(fault)
            else:
                self.effects.record_none(fault, ALREADY_ENDED)
        for fault in self.faults:
            if fault.point_kind != "operator":
                continue
            if has_changed_answer(fault, self._normal_operator, asked):
                self.effects.record(fault)
            else:
                self.effects.record_none(fault, NOT_ASKED)
        self._session.engine.interceptor.kill_plan = self._session.engine.interceptor.fault_plan = None
        self._session.engine.functions.faults.plan = None
        for region in self._outage_regions:
            self._session.region_outages.end(region)
        self._session.engine.interceptor.end_service_outages(self._service_outages)

    def _kills_before_sending(self, target: CallTarget, caller: str) -> bool:
        """Number a call that a function is about to send, and return whether its process dies before that."""
        if not _is_leeward_function(caller):
            return False
        invocation = _invocation_context.get()
        invocation.calls += 1
        self.observed.calls.append(f"{caller} {target.name} {target.region}")
        self.observed.call_states.append(invocation.state)
        self.observed.call_sites.append(f"{invocation.state} {caller} {invocation.calls}")
        number = self._numbers_in_flight[target.api_call] = len(self.observed.calls)
        if target.api_call == self._call_to_retry != "":
            self._call_to_retry = ""
            self._reach_equivalent_point("tried again", target, number)
        for fault in self._faults_due("call", str(number)):
            if fault.mode == FaultKind.KILLED_BEFORE_CALL:
                self._reach_equivalent_point("killed", invocation.number, invocation.calls - 1)
                self.effects.record(fault)
                return True
        return False

    def _fault_for_call(self, target: CallTarget, caller: str) -> FaultKind | None:
        """Return the fault of a call that has reached AWS."""
        if not _is_leeward_function(caller):
            return None
        now = self._session.engine.clock.now()
        number = self._numbers_in_flight.pop(target.api_call)
        self._start_service_outages("service", number, target.service, target.region)
        key = (target.name, target.region)
        for fault in self._faults_due("call", str(number)):
            if fault.mode == THROTTLED_LONG:
                self._throttled_until[key] = now + _LONG_THROTTLE
            if fault.mode in SDK_RETRIED_MODES:
                self._call_to_retry = target.api_call
            if fault.mode == FaultKind.KILLED_AFTER_CALL:
                invocation = _invocation_context.get()
                self._reach_equivalent_point("killed", invocation.number, invocation.calls)
            if fault.mode in RESPONSE_FAULTS:
                self._changing_response = (fault, number)
            else:
                self.effects.record(fault)
            return FaultKind.THROTTLED if fault.mode == THROTTLED_LONG else FaultKind(fault.mode)
        return FaultKind.THROTTLED if now < self._throttled_until.get(key, now) else None

    def _on_response_altered(self, answer: dict[str, Any] | None) -> None:
        if self._changing_response is None:
            return
        (fault, number), self._changing_response = self._changing_response, None
        if answer is None:
            self._record_no_effect(fault, UNCHANGED_RESPONSE)
            return
        self.effects.record(fault)
        fields = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
        self._reach_equivalent_point("answered", number, fields)

    def _record_no_effect(self, fault: PlannedFault, reason: str) -> None:
        self.effects.record_none(fault, reason)
        self._fault_plan.on_fault_without_effect(reason)

    def _reach_equivalent_point(self, *alike: object) -> None:
        """Report a point. `alike` is the state in which trials can differ at the same time and turn."""
        engine = self._session.engine
        self._fault_plan.on_equivalent_point(repr((*alike, engine.clock.now(), engine.turn_count)))

    def _fault_for_invocation(self, function: InvokedFunction) -> AnyInvocationFault | None:
        if not _is_leeward_function(function.name):
            return None
        state = self._session.engine.current_state_name()
        self.observed.invocations.append(f"{function.name} {function.region}")
        self.observed.invocation_states.append(state)
        _invocation_context.set(_InvocationContext(state, len(self.observed.invocations)))
        self._start_service_outages("lambda-service", len(self.observed.invocations), "lambda", function.region)
        for fault in self._faults_due("lambda", str(len(self.observed.invocations))):
            self.effects.record(fault)
            if fault.mode in _INVOCATION_FAULTS:
                return _INVOCATION_FAULTS[InvocationFaultMode(fault.mode)]
            return parse_invocation_error(fault.mode)
        return None

    def _start_service_outages(self, point_kind: str, number: int, service: str, region: str) -> None:
        now = self._session.engine.clock.now()
        for fault in self._faults_due(point_kind, str(number)):
            outage = self._session.engine.interceptor.schedule_service_outage(
                service, region, SERVICE_FAULTS[fault.mode], now, now + _SERVICE_OUTAGE
            )
            self._service_outages.append(outage)
            self.effects.add_outage(fault, outage)

    def _on_history_event(self, execution: str, event: Mapping[str, Any]) -> None:
        if not self._is_active or self._run is None or execution != self._run.execution:
            return
        details = event.get("taskScheduledEventDetails") or {}
        if str(details.get("resource", "")).endswith(".waitForTaskToken"):
            self.observed.questions += 1
        if not str(event["type"]).endswith("StateEntered"):
            return
        state = str(event["stateEnteredEventDetails"]["name"])
        self.observed.states.append(state)
        for step in self._run.ready.compiled.steps:
            if state in step.states and step.id not in self.observed.steps:
                self.observed.steps.append(step.id)
                self._start_outages(step.id)
        due = self._faults_due("state", str(len(self.observed.states)))
        self._stop_faults += due
        if due:
            self._session.engine.clock.call_later(0, self._stop_execution, name="sweep")

    def _faults_due(self, point_kind: str, point_id: str) -> list[PlannedFault]:
        """Return the faults to inject at this point."""
        self.reach_point(f"{point_kind}:{point_id}")
        return [fault for fault in self.faults if (fault.point_kind, fault.point_id) == (point_kind, point_id)]

    def _start_outages(self, step: str) -> None:
        for fault in self._faults_due("step", step):
            if self._session.region_outages.start(fault.region):
                self._outage_regions.append(fault.region)
                self.effects.record(fault)
            else:
                self._record_no_effect(fault, already_unavailable(fault.region))

    def _stop_execution(self) -> None:
        if self._run is not None:
            client = self._session.engine.client("stepfunctions", self._run.way.target)
            client.stop_execution(executionArn=self._run.execution, error=STOP_ERROR, cause=STOP_CAUSE)
