"""Decides for each AWS call of a handler whether a fault is injected, and what the caller sees."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from leeward.twin.interception.engine_context import EngineContext
from leeward.twin.interception.faults.error_responses import MESSAGES, make_error_response
from leeward.twin.interception.faults.fault_rules import FaultKind, FaultRule, FaultRules
from leeward.twin.interception.faults.outage_schedule import OutageSchedule, RegionOutage
from leeward.twin.interception.faults.service_outages import ServiceOutage, ServiceOutages
from leeward.twin.interception.faults.unexpected_responses import (
    LIST_FAULTS,
    RESPONSE_FAULTS,
    change_response,
    is_consistent_read,
)
from leeward.twin.interception.plain_http import urllib3_interceptor
from leeward.twin.interception.plain_http.urllib3_interceptor import Urllib3Interceptor
from leeward.twin.realism.api_rate_limits import ApiCall
from leeward.twin.realism.realistic_calls import RealisticCalls

# Called for each attempt of each call of a handler, when it reaches AWS. Returns the fault to inject, or None.
CallFaultPlan = Callable[[CallTarget, str], FaultKind | None]
# Called for each attempt before it is sent. Returns whether the function's process dies at this moment.
KillPlan = Callable[[CallTarget, str], bool]


# The exit status of a process that was killed (128 + SIGKILL).
_KILLED_EXIT_STATUS = 137
_FIRST_ERROR_STATUS = 300


def _is_success(parsed: Mapping[str, Any]) -> bool:
    status = parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return isinstance(status, int) and status < _FIRST_ERROR_STATUS


class CallAuthorizer(Protocol):
    """Evaluates calls before they are carried out."""

    def __call__(self, function: str, region: str, target: CallTarget, parameters: Mapping[str, Any]) -> str | None:
        """Return why the function, which runs in `region`, may not make the call, or None if it may."""
        ...


@dataclass(frozen=True, slots=True)
class _CallAttempt:
    """One attempt of a handler's call."""

    target: CallTarget
    caller: str
    request: AWSPreparedRequest


class AwsInterceptor:
    """The interception of one run.

    Faults and outages affect handlers only. Calls that nothing simulates fail for all callers.
    """

    def __init__(self, context: EngineContext, realistic_calls: RealisticCalls) -> None:
        self._context = context
        self._realistic_calls = realistic_calls
        self._outages, self.service_outages = OutageSchedule(), ServiceOutages()
        self._fault_rules = FaultRules()
        self.http = Urllib3Interceptor(context)
        """Answers HTTP requests to other hosts than those of AWS APIs."""
        self.calls: list[AwsCall] = []
        self.authorizer: CallAuthorizer | None = None
        """Decides which calls a function may make; None allows all."""
        # Both take precedence over the rules of `inject_fault`.
        self.fault_plan: CallFaultPlan | None = None
        self.kill_plan: KillPlan | None = None
        self._pending_change: tuple[FaultKind | None, str] | None = None
        self.on_changed_response: Callable[[dict[str, Any] | None], object] = lambda _: None
        """Called for each response that a fault applies to: the changed response, or None if nothing could change."""
        self.call_listeners: list[Callable[[CallTarget, Mapping[str, Any]], object]] = []
        """Called for each function's call that was carried out, even if the function never received the response."""

    # -- planning ---------------------------------------------------------------------------------

    def schedule_outage(
        self, region: str, start: datetime, end: datetime | None = None, black_hole: timedelta | None = None
    ) -> RegionOutage:
        """Make `region` unavailable from `start` to `end`, or without an end.

        An outage of us-east-1 includes the control planes of Route 53 and IAM. Each call waits for `black_hole`
        before it fails. With a duration of 0, connections are refused at once. By default, a function waits for its
        connect timeout, and a client of a served twin doesn't wait, because virtual time may stand still.
        """
        outage = RegionOutage(region, start, end, black_hole)
        self._outages.add(outage)
        return outage

    def end_outage(self, region: str) -> None:
        """Make `region` available again from now on."""
        self._outages.end_outage(region, self._context.now())

    def has_outage(self, region: str, at: datetime | None = None) -> bool:
        """Return whether `region` has an outage at `at`, by default now."""
        return self._outages.find_outage(region, at or self._context.now()) is not None

    def schedule_service_outage(
        self, service: str, region: str | None, fault: FaultKind, start: datetime, end: datetime | None = None
    ) -> ServiceOutage:
        """Make all calls to one service fail in `region` (None: everywhere). See ServiceOutage for the rest."""
        outage = ServiceOutage(service, region, fault, start, end)
        self.service_outages.add(outage)
        return outage

    def end_service_outages(self, outages: Iterable[ServiceOutage]) -> None:
        """End these outages now, if they haven't ended."""
        for outage in outages:
            outage.end_by(self._context.now())

    def find_service_fault(self, service: str, region: str) -> FaultKind | None:
        """Return how calls to the service fail in `region` now, or None. `service` is boto3's name."""
        return self.service_outages.find_fault(service, region, self._context.now())

    def take_endpoint_down(self, endpoint_host: str) -> None:
        """Make one endpoint refuse connections, until `bring_endpoint_up`."""
        self._outages.take_host_down(endpoint_host)

    def bring_endpoint_up(self, endpoint_host: str) -> None:
        """Make the endpoint respond again."""
        self._outages.bring_host_up(endpoint_host)

    def is_endpoint_down(self, endpoint_host: str) -> bool:
        """Return whether the endpoint was taken down."""
        return self._outages.is_host_down(endpoint_host)

    def inject_fault(
        self, operation: str, fault: FaultKind, nth: int = 1, times: int | None = 1, region: str | None = None
    ) -> FaultRule:
        """Add a fault rule (see FaultRule). When several rules match a call, the first one decides."""
        rule = FaultRule(operation, fault, nth, times, region)
        self._fault_rules.add(rule)
        return rule

    def attach_to_urllib3(self) -> None:
        """Answer the process's plain HTTP requests with `http_handler`."""
        urllib3_interceptor.attach_interceptor(self.http)

    def detach_from_urllib3(self) -> None:
        """Stop answering plain HTTP requests."""
        urllib3_interceptor.attach_interceptor(None)

    # -- each call --------------------------------------------------------------------------------

    def send_attempt(
        self, stub: unsimulated_calls.MotoStub, event_name: str, request: AWSPreparedRequest
    ) -> AWSResponse:
        """Carry out one attempt of a call.

        Return the response, or raise an exception that botocore treats as a network error.
        """
        self._context.check_caller()
        target = parse_target(event_name, request)
        carry_out = partial(unsimulated_calls.call_moto, stub, event_name, request, target)
        caller = self._context.calling_function()
        if caller is None:
            return carry_out()
        attempt = _CallAttempt(target, caller, request)
        self._raise_if_unavailable(attempt)
        denied = self._find_denial(caller, target)
        if not denied:
            self._kill_before_sending(attempt)
        self._wait_for_latency(target)
        if denied:
            return self._respond_with_error(FaultKind.ACCESS_DENIED, attempt, denied)
        fault = self._choose_fault(target, caller)
        if self._is_throttled(target) and fault is None:
            return self._respond_with_error(FaultKind.THROTTLED, attempt, MESSAGES[FaultKind.THROTTLED])
        if fault in RESPONSE_FAULTS:
            # Without a fault, the response is reported as one that nothing could change.
            applies = not (fault in LIST_FAULTS and is_consistent_read(request.body))
            self._pending_change = (fault if applies else None, f"{target.name}|{len(self.calls)}")
        elif fault is not None:
            return self._apply_fault(fault, attempt, carry_out)
        try:
            response = carry_out()
        except Exception as error:  # nothing simulates the call, or the simulation has a defect
            self._record_call(attempt, "not simulated" if isinstance(error, NotSimulated) else type(error).__name__)
            raise
        self._record_call(attempt, self._notify_listeners(target, response))
        return response

    def change_parsed_response(self, parsed: dict[str, Any], model: OperationModel) -> None:
        """Change the parsed response to the latest attempt, if a fault requires it."""
        if self._pending_change is not None:
            (fault, seed), self._pending_change = self._pending_change, None
            changed = fault and _is_success(parsed) and change_response(fault, parsed, model.output_shape, seed)
            self.on_changed_response(parsed if changed else None)

    def _wait_for_latency(self, target: CallTarget) -> None:
        # A function's Region is in its environment, which is active while its handler runs. Clients of a served twin
        # have none. They call over a real network, and virtual time may stand still while they wait.
        caller_region = os.environ.get("AWS_REGION")
        if caller_region is not None:
            service, operation = target.service, target.operation
            seconds = self._realistic_calls.latency_seconds(caller_region, target.region, service, operation)
            if seconds > 0:
                self._context.sleep(seconds)

    def _is_throttled(self, target: CallTarget) -> bool:
        if "AWS_REGION" not in os.environ:  # a client of a served twin, for which buckets might never refill
            return False
        call = ApiCall(target.region, target.host, target.service, target.operation, current_parameters())
        return self._realistic_calls.is_throttled(call, self._context.now())

    def _notify_listeners(self, target: CallTarget, response: AWSResponse) -> str:
        outcome = read_outcome(response)
        if outcome == OK:
            for listener in self.call_listeners:
                listener(target, current_parameters())
        return outcome

    def _find_denial(self, caller: str, target: CallTarget) -> str | None:
        if self.authorizer is None or (region := os.environ.get("AWS_REGION")) is None:
            return None  # a client of a served twin has no role
        return self.authorizer(caller, region, target, current_parameters())

    def _kill_before_sending(self, attempt: _CallAttempt) -> None:
        """End the function's process before the attempt takes any time or counts toward a rate limit."""
        planned = self.kill_plan is not None and self.kill_plan(attempt.target, attempt.caller)
        ruled = self._fault_rules.kills_before(attempt.target)
        if planned or ruled:
            self._record_call(attempt, FaultKind.KILLED_BEFORE_CALL)
            raise SystemExit(_KILLED_EXIT_STATUS)

    def _choose_fault(self, target: CallTarget, caller: str) -> FaultKind | None:
        planned = self.fault_plan(target, caller) if self.fault_plan is not None else None
        ruled = self._fault_rules.find_fault(target)  # always asked, because each rule counts each call
        outage = self.find_service_fault(target.service, target.region)
        return outage or planned or ruled

    def _raise_if_unavailable(self, attempt: _CallAttempt) -> None:
        url = attempt.request.url
        if self._outages.is_host_down(attempt.target.host):
            self._record_call(attempt, "endpoint down")
            raise EndpointConnectionError(endpoint_url=url)
        outage = self._outages.find_outage(attempt.target.region, self._context.now())
        if outage is None:
            return
        self._record_call(attempt, "dark")
        is_function = "AWS_REGION" in os.environ
        default = self._realistic_calls.connect_timeout if is_function else timedelta()
        wait = default if outage.black_hole is None else outage.black_hole
        if wait:
            self._context.sleep(wait.total_seconds())
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
        if fault is FaultKind.KILLED_AFTER_CALL:
            self._notify_listeners(attempt.target, carry_out())
            self._record_call(attempt, fault)
            raise SystemExit(_KILLED_EXIT_STATUS)
        if fault is FaultKind.ANSWER_LOST:
            self._notify_listeners(attempt.target, carry_out())
            self._record_call(attempt, fault)
            self._context.sleep(READ_SECONDS)  # a hook before sending cannot see the client's own configuration
            raise ReadTimeoutError(endpoint_url=url)
        return self._respond_with_error(fault, attempt)

    def _respond_with_error(self, fault: FaultKind, attempt: _CallAttempt, message: str | None = None) -> AWSResponse:
        error_code, response = make_error_response(fault, attempt.target, attempt.request, message=message)
        self._record_call(attempt, error_code.code)
        return response

    def _record_call(self, attempt: _CallAttempt, outcome: str) -> None:
        target = attempt.target
        at, state = self._context.now(), self._context.calling_state()
        self.calls.append(AwsCall(at, attempt.caller, target.region, target.service, target.name, str(outcome), state))
