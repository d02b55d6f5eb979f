"""For each AWS call of a handler: is it struck, by what, and what does the caller see?"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from botocore.model import OperationModel

from leeward.base.client_timeouts import CONNECT_SECONDS, READ_SECONDS
from leeward.twin.errors import NotSimulated
from leeward.twin.interception import unsimulated_calls
from leeward.twin.interception.calls.aws_calls import OK, AwsCall, CallTarget, parse_target, read_outcome
from leeward.twin.interception.calls.call_parameters import current_parameters
from leeward.twin.interception.faults.error_responses import make_error_response
from leeward.twin.interception.faults.fault_rules import FaultKind, FaultRule
from leeward.twin.interception.faults.outage_schedule import OutageSchedule, RegionOutage
from leeward.twin.interception.faults.unexpected_responses import RESPONSE_FAULTS, change_response
from leeward.twin.interception.plain_http.urllib3_interceptor import HttpHandler, Urllib3Interceptor

# Asked for each attempt of each call of a handler: what strikes it, if anything.
CallFaultPlan = Callable[[CallTarget, str], FaultKind | None]


class EngineContext(Protocol):
    """What the wire needs of the engine."""

    def now(self) -> datetime:
        """Virtual time."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass for the caller."""
        ...

    def check_caller(self) -> None:
        """Raises when the calling thread is not part of the simulation, or its function's time is over."""
        ...

    def calling_function(self) -> str | None:
        """The function whose handler calls; None for the engine itself and for actors."""
        ...


# The exit status of a process that was killed (128 + SIGKILL).
_KILLED_EXIT_STATUS = 137
_FIRST_ERROR_STATUS = 300


def _is_success(parsed: Mapping[str, Any]) -> bool:
    status = parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return isinstance(status, int) and status < _FIRST_ERROR_STATUS


class CallAuthorizer(Protocol):
    """Judges calls before they are carried out."""

    def __call__(self, function: str, region: str, target: CallTarget, parameters: Mapping[str, Any]) -> bool:
        """Whether the function, which runs in `region`, may make the call with these parameters."""
        ...


@dataclass(frozen=True, slots=True)
class _CallAttempt:
    """One attempt of a handler's call."""

    target: CallTarget
    caller: str
    request: AWSPreparedRequest


class AwsInterceptor:
    """One run's wire. Faults and darkness strike handlers only; refusals strike everybody."""

    def __init__(self, context: EngineContext) -> None:
        self._context = context
        self._outages = OutageSchedule()
        self._fault_rules: list[FaultRule] = []
        self._urllib3 = Urllib3Interceptor(context)
        self.calls: list[AwsCall] = []
        self.authorizer: CallAuthorizer | None = None
        """Who may make which call; None allows everything."""
        # Decides before the rules of `fail` do.
        self.fault_plan: CallFaultPlan | None = None
        self._pending_change: tuple[FaultKind, str] | None = None
        self.on_changed_response: Callable[[dict[str, Any] | None], object] = lambda _: None
        """Told of each answer that was to surprise: as it is now, or None where it held nothing of the kind."""
        self.call_listeners: list[Callable[[CallTarget, Mapping[str, Any]], object]] = []
        """Told of each call of a function that was carried out, with its parameters; whether or not the function heard
        the answer."""

    # -- planning ---------------------------------------------------------------------------------

    def schedule_outage(
        self, region: str, start: datetime, end: datetime | None = None, black_hole_seconds: float = 0
    ) -> RegionOutage:
        """`region` answers nothing from `start` (to `end`). us-east-1 takes the control planes of Route 53 and IAM with
        it. With `black_hole_seconds` each call waits that long before it fails."""
        darkness = RegionOutage(region, start, end, black_hole_seconds)
        self._outages.add(darkness)
        return darkness

    def end_outage(self, region: str) -> None:
        """`region` answers again from now on."""
        self._outages.end_outage(region, self._context.now())

    def has_outage(self, region: str, at: datetime | None = None) -> bool:
        """Whether `region` is dark at `at`, by default now."""
        return self._outages.find_outage(region, at or self._context.now()) is not None

    def take_endpoint_down(self, endpoint_host: str) -> None:
        """One endpoint refuses connections, until `bring_up`."""
        self._outages.take_host_down(endpoint_host)

    def bring_endpoint_up(self, endpoint_host: str) -> None:
        """The endpoint answers again."""
        self._outages.bring_host_up(endpoint_host)

    def is_endpoint_down(self, endpoint_host: str) -> bool:
        """Whether the endpoint was taken down."""
        return self._outages.is_host_down(endpoint_host)

    def inject_fault(
        self, operation: str, fault: FaultKind, nth: int = 1, times: int | None = 1, region: str | None = None
    ) -> FaultRule:
        """Plan a fault; see Rule. Of several rules that strike one call the first planned decides."""
        rule = FaultRule(operation, fault, nth, times, region)
        self._fault_rules.append(rule)
        return rule

    @property
    def http_handler(self) -> HttpHandler | None:
        """Who answers urllib3; None refuses every request by name."""
        return self._urllib3.handler

    @http_handler.setter
    def http_handler(self, handler: HttpHandler | None) -> None:
        self._urllib3.handler = handler

    def set_sts_account(self, account: str) -> None:
        """Whose identities STS tells of when a signed URL asks it."""
        self._urllib3.account = account

    def set_signature_clock(self, now: Callable[[], datetime]) -> None:
        """By whose clock a signed URL grows old; without, by the virtual one."""
        self._urllib3.signature_clock = now

    @property
    def http_request_body(self) -> bytes:
        """The body of the request that `http_handler` is answering."""
        return self._urllib3.request_body

    def patch_urllib3(self) -> None:
        """Stand in for urllib3."""
        self._urllib3.patch_urllib3()

    def restore_urllib3(self) -> None:
        """Give urllib3 back."""
        self._urllib3.restore_urllib3()

    # -- each call --------------------------------------------------------------------------------

    def send_attempt(
        self, stub: unsimulated_calls.MotoStub, event_name: str, request: AWSPreparedRequest
    ) -> AWSResponse:
        """One attempt of one call: the answer, or an exception that botocore treats as it treats the network's."""
        self._context.check_caller()
        target = parse_target(event_name, request)
        carry_out = partial(unsimulated_calls.call_moto, stub, event_name, request, target)
        caller = self._context.calling_function()
        if caller is None:
            return carry_out()
        attempt = _CallAttempt(target, caller, request)
        self._raise_if_unavailable(attempt)
        fault = self._choose_fault(target, caller) if self._is_authorized(caller, target) else FaultKind.ACCESS_DENIED
        if fault in RESPONSE_FAULTS:
            self._pending_change = (fault, f"{target.name}|{len(self.calls)}")
        elif fault is not None:
            return self._apply_fault(fault, attempt, carry_out)
        try:
            answer = carry_out()
        except Exception as error:  # nothing simulates it, or the simulation is at fault
            self._record_call(attempt, "not simulated" if isinstance(error, NotSimulated) else type(error).__name__)
            raise
        self._record_call(attempt, self._notify_listeners(target, answer))
        return answer

    def change_parsed_response(self, parsed: dict[str, Any], model: OperationModel) -> None:
        """botocore has parsed the answer to the latest attempt: make it surprising, if it is to be."""
        if self._pending_change is not None:
            (fault, seed), self._pending_change = self._pending_change, None
            changed = _is_success(parsed) and change_response(fault, parsed, model.output_shape, seed)
            self.on_changed_response(parsed if changed else None)

    def _notify_listeners(self, target: CallTarget, response: AWSResponse) -> str:
        outcome = read_outcome(response)
        if outcome == OK:
            for listener in self.call_listeners:
                listener(target, current_parameters())
        return outcome

    def _is_authorized(self, caller: str, target: CallTarget) -> bool:
        # A function knows its Region by its environment, which is in place while its handler runs.
        return self.authorizer is None or self.authorizer(
            caller, os.environ["AWS_REGION"], target, current_parameters()
        )

    def _choose_fault(self, target: CallTarget, caller: str) -> FaultKind | None:
        planned = self.fault_plan(target, caller) if self.fault_plan is not None else None
        struck = [rule for rule in self._fault_rules if rule.count_and_match(target)]  # each rule counts each call
        return planned or (struck[0].fault if struck else None)

    def _raise_if_unavailable(self, attempt: _CallAttempt) -> None:
        url = attempt.request.url
        if self._outages.is_host_down(attempt.target.host):
            self._record_call(attempt, "endpoint down")
            raise EndpointConnectionError(endpoint_url=url)
        darkness = self._outages.find_outage(attempt.target.region, self._context.now())
        if darkness is None:
            return
        self._record_call(attempt, "dark")
        if darkness.black_hole_seconds > 0:
            self._context.sleep(darkness.black_hole_seconds)
            raise ConnectTimeoutError(endpoint_url=url)
        raise EndpointConnectionError(endpoint_url=url)

    def _apply_fault(
        self, fault: FaultKind, attempt: _CallAttempt, carry_out: Callable[[], AWSResponse]
    ) -> AWSResponse:
        url = attempt.request.url
        if fault is FaultKind.CONNECTION_REFUSED:
            self._record_call(attempt, fault)
            raise EndpointConnectionError(endpoint_url=url)
        if fault is FaultKind.CONNECTION_TIMED_OUT:
            self._record_call(attempt, fault)
            self._context.sleep(CONNECT_SECONDS)
            raise ConnectTimeoutError(endpoint_url=url)
        if fault is FaultKind.KILLED_BEFORE_CALL or fault is FaultKind.KILLED_AFTER_CALL:
            if fault is FaultKind.KILLED_AFTER_CALL:
                self._notify_listeners(attempt.target, carry_out())
            self._record_call(attempt, fault)
            raise SystemExit(_KILLED_EXIT_STATUS)
        if fault is FaultKind.ANSWER_LOST:
            self._notify_listeners(attempt.target, carry_out())
            self._record_call(attempt, fault)
            self._context.sleep(READ_SECONDS)  # a hook before sending cannot see a client's own configuration
            raise ReadTimeoutError(endpoint_url=url)
        problem, answer = make_error_response(fault, attempt.target, attempt.request)
        self._record_call(attempt, problem.code)
        return answer

    def _record_call(self, attempt: _CallAttempt, outcome: str) -> None:
        target = attempt.target
        at = self._context.now()
        self.calls.append(AwsCall(at, attempt.caller, target.region, target.service, target.name, str(outcome)))
