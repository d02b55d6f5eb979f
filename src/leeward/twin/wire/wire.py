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

from leeward.common.aws import CONNECT_SECONDS, READ_SECONDS
from leeward.twin.errors import NotSimulated
from leeward.twin.wire import refusals
from leeward.twin.wire.answers import error_answer
from leeward.twin.wire.calls import OK, Call, Target, outcome_of, target_of
from leeward.twin.wire.darkness import Darkness, Outages
from leeward.twin.wire.faults import Fault, Rule
from leeward.twin.wire.parameters import noted
from leeward.twin.wire.plain_http import HttpHandler, PlainHttp
from leeward.twin.wire.surprises import SURPRISES, surprise

# Asked for each attempt of each call of a handler: what strikes it, if anything.
Plan = Callable[[Target, str], Fault | None]


class Surface(Protocol):
    """What the wire needs of the engine."""

    def now(self) -> datetime:
        """Virtual time."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass for the caller."""
        ...

    def check(self) -> None:
        """Raises when the calling thread is not part of the simulation, or its function's time is over."""
        ...

    def caller(self) -> str | None:
        """The function whose handler calls; None for the engine itself and for actors."""
        ...


# The exit status of a process that was killed (128 + SIGKILL).
_KILLED = 137
_FIRST_ERROR = 300


def _is_ok(parsed: Mapping[str, Any]) -> bool:
    status = parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return isinstance(status, int) and status < _FIRST_ERROR


class Guard(Protocol):
    """Judges calls before they are carried out."""

    def __call__(self, function: str, region: str, target: Target, given: Mapping[str, Any]) -> bool:
        """Whether the function, which runs in `region`, may make the call with these parameters."""
        ...


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One attempt of a handler's call."""

    target: Target
    caller: str
    request: AWSPreparedRequest


class Wire:
    """One run's wire. Faults and darkness strike handlers only; refusals strike everybody."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._outages = Outages()
        self._rules: list[Rule] = []
        self._http = PlainHttp(surface)
        self.calls: list[Call] = []
        self.guard: Guard | None = None
        """Who may make which call; None allows everything."""
        # Decides before the rules of `fail` do.
        self.plan: Plan | None = None
        self._surprise: tuple[Fault, str] | None = None
        self.on_surprise: Callable[[dict[str, Any] | None], object] = lambda _: None
        """Told of each answer that was to surprise: as it is now, or None where it held nothing of the kind."""
        self.listeners: list[Callable[[Target, Mapping[str, Any]], object]] = []
        """Told of each call of a function that was carried out, with its parameters; whether or not the function heard
        the answer."""

    # -- planning ---------------------------------------------------------------------------------

    def darken(
        self, region: str, start: datetime, end: datetime | None = None, black_hole_seconds: float = 0
    ) -> Darkness:
        """`region` answers nothing from `start` (to `end`). us-east-1 takes the control planes of Route 53 and IAM with
        it. With `black_hole_seconds` each call waits that long before it fails."""
        darkness = Darkness(region, start, end, black_hole_seconds)
        self._outages.add(darkness)
        return darkness

    def lighten(self, region: str) -> None:
        """`region` answers again from now on."""
        self._outages.end(region, self._surface.now())

    def is_dark(self, region: str, at: datetime | None = None) -> bool:
        """Whether `region` is dark at `at`, by default now."""
        return self._outages.of(region, at or self._surface.now()) is not None

    def take_down(self, endpoint_host: str) -> None:
        """One endpoint refuses connections, until `bring_up`."""
        self._outages.take_down(endpoint_host)

    def bring_up(self, endpoint_host: str) -> None:
        """The endpoint answers again."""
        self._outages.bring_up(endpoint_host)

    def is_down(self, endpoint_host: str) -> bool:
        """Whether the endpoint was taken down."""
        return self._outages.is_down(endpoint_host)

    def fail(
        self, operation: str, fault: Fault, nth: int = 1, times: int | None = 1, region: str | None = None
    ) -> Rule:
        """Plan a fault; see Rule. Of several rules that strike one call the first planned decides."""
        rule = Rule(operation, fault, nth, times, region)
        self._rules.append(rule)
        return rule

    @property
    def http_handler(self) -> HttpHandler | None:
        """Who answers urllib3; None refuses every request by name."""
        return self._http.handler

    @http_handler.setter
    def http_handler(self, handler: HttpHandler | None) -> None:
        self._http.handler = handler

    def identify(self, account: str) -> None:
        """Whose identities STS tells of when a signed URL asks it."""
        self._http.account = account

    def date_signatures_by(self, now: Callable[[], datetime]) -> None:
        """By whose clock a signed URL grows old; without, by the virtual one."""
        self._http.signers_now = now

    @property
    def http_body(self) -> bytes:
        """The body of the request that `http_handler` is answering."""
        return self._http.body

    def begin(self) -> None:
        """Stand in for urllib3."""
        self._http.begin()

    def end(self) -> None:
        """Give urllib3 back."""
        self._http.end()

    # -- each call --------------------------------------------------------------------------------

    def send(self, stub: refusals.Stub, event_name: str, request: AWSPreparedRequest) -> AWSResponse:
        """One attempt of one call: the answer, or an exception that botocore treats as it treats the network's."""
        self._surface.check()
        target = target_of(event_name, request)
        carry_out = partial(refusals.simulated, stub, event_name, request, target)
        caller = self._surface.caller()
        if caller is None:
            return carry_out()
        attempt = _Attempt(target, caller, request)
        self._meet_outage(attempt)
        fault = self._fault(target, caller) if self._may(caller, target) else Fault.DENIED
        if fault in SURPRISES:
            self._surprise = (fault, f"{target.name}|{len(self.calls)}")
        elif fault is not None:
            return self._strike(fault, attempt, carry_out)
        try:
            answer = carry_out()
        except Exception as error:  # nothing simulates it, or the simulation is at fault
            self._log(attempt, "not simulated" if isinstance(error, NotSimulated) else type(error).__name__)
            raise
        self._log(attempt, self._heard(target, answer))
        return answer

    def answered(self, parsed: dict[str, Any], model: OperationModel) -> None:
        """botocore has parsed the answer to the latest attempt: make it surprising, if it is to be."""
        if self._surprise is not None:
            (fault, seed), self._surprise = self._surprise, None
            changed = _is_ok(parsed) and surprise(fault, parsed, model.output_shape, seed)
            self.on_surprise(parsed if changed else None)

    def _heard(self, target: Target, answer: AWSResponse) -> str:
        outcome = outcome_of(answer)
        if outcome == OK:
            for listener in self.listeners:
                listener(target, noted())
        return outcome

    def _may(self, caller: str, target: Target) -> bool:
        # A function knows its Region by its environment, which is in place while its handler runs.
        return self.guard is None or self.guard(caller, os.environ["AWS_REGION"], target, noted())

    def _fault(self, target: Target, caller: str) -> Fault | None:
        planned = self.plan(target, caller) if self.plan is not None else None
        struck = [rule for rule in self._rules if rule.strikes(target)]  # each rule counts each call
        return planned or (struck[0].fault if struck else None)

    def _meet_outage(self, attempt: _Attempt) -> None:
        url = attempt.request.url
        if self._outages.is_down(attempt.target.host):
            self._log(attempt, "endpoint down")
            raise EndpointConnectionError(endpoint_url=url)
        darkness = self._outages.of(attempt.target.region, self._surface.now())
        if darkness is None:
            return
        self._log(attempt, "dark")
        if darkness.black_hole_seconds > 0:
            self._surface.sleep(darkness.black_hole_seconds)
            raise ConnectTimeoutError(endpoint_url=url)
        raise EndpointConnectionError(endpoint_url=url)

    def _strike(self, fault: Fault, attempt: _Attempt, carry_out: Callable[[], AWSResponse]) -> AWSResponse:
        url = attempt.request.url
        if fault is Fault.REFUSED:
            self._log(attempt, fault)
            raise EndpointConnectionError(endpoint_url=url)
        if fault is Fault.TIMED_OUT:
            self._log(attempt, fault)
            self._surface.sleep(CONNECT_SECONDS)
            raise ConnectTimeoutError(endpoint_url=url)
        if fault is Fault.KILLED_BEFORE or fault is Fault.KILLED_AFTER:
            if fault is Fault.KILLED_AFTER:
                self._heard(attempt.target, carry_out())
            self._log(attempt, fault)
            raise SystemExit(_KILLED)
        if fault is Fault.ANSWER_LOST:
            self._heard(attempt.target, carry_out())
            self._log(attempt, fault)
            self._surface.sleep(READ_SECONDS)  # a hook before sending cannot see a client's own configuration
            raise ReadTimeoutError(endpoint_url=url)
        problem, answer = error_answer(fault, attempt.target, attempt.request)
        self._log(attempt, problem.code)
        return answer

    def _log(self, attempt: _Attempt, outcome: str) -> None:
        target = attempt.target
        at = self._surface.now()
        self.calls.append(Call(at, attempt.caller, target.region, target.service, target.name, str(outcome)))
