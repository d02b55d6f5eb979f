"""The loop on the simulation's thread: take requests in, let virtual time pass, answer.

An AWS call becomes a task of the simulation, so one that waits (a long poll, an invoked function, a black hole) holds
up nobody. Time passes in small slices, and requests that come meanwhile are taken in between two of them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from leeward.twin.engine import Engine
from leeward.twin.engine.scheduling.current_scheduler import current_scheduler
from leeward.twin.errors import EngineNotOpen, HorizonReached, TwinError
from leeward.twin.server.aws_requests.addressing import AWS_HOST_PREFIX
from leeward.twin.server.aws_requests.aws_calls import AwsCallHandler
from leeward.twin.server.pacing import VirtualTimePacer
from leeward.twin.server.transport.replies import problem_reply
from leeward.twin.server.transport.request_queue import PendingRequest, RequestQueue, ServerReply, ServerRequest

_real_time = time.monotonic
# Real seconds: between two beats of the clock, and what may pass before requests are looked for again.
_TICK_SECONDS, _MAX_ADVANCE_REAL_SECONDS = 0.02, 0.05
_IDLE_SECONDS = 1.0
# Virtual seconds that pass without a look at the real clock.
_SLICE_SECONDS = 10.0


# The paths below it belong to the server; no AWS service uses them.
CONTROL_PREFIX = "/_twin/"


class LoopControl(Protocol):
    """What a control handler needs of the loop."""

    problems: list[str]
    # AWS calls that have begun and wait for virtual time: long polls, invoked functions, black holes.
    calls_waiting: int

    @property
    def pace(self) -> float:
        """Virtual seconds per real second."""
        ...

    def change_pace(self, pace: float) -> None:
        """Use another pace from now on."""
        ...


@dataclass(frozen=True, slots=True)
class PendingAdvance:
    """A response that is due when virtual time has reached `moment`."""

    moment: datetime


class ControlHandler(Protocol):
    """Answers the requests below CONTROL_PREFIX, on the simulation's thread."""

    def answer(self, request: ServerRequest) -> ServerReply | PendingAdvance:
        """Return the reply, or the moment at which `health_reply` is the reply."""
        ...

    def health_reply(self) -> ServerReply:
        """Return the server's health."""
        ...


class FrontendHandler(Protocol):
    """Answers the requests of the port that a browser uses, on a task of its own."""

    def answer(self, request: ServerRequest) -> ServerReply | None:
        """Return the reply, or None to close the connection without one."""
        ...


class ServingLoop:
    """Serves until the request queue closes."""

    def __init__(
        self,
        engine: Engine,
        request_queue: RequestQueue,
        pace: float,
        own_url: str,
        *,
        make_control: Callable[[LoopControl], ControlHandler],
        frontend: FrontendHandler | None = None,
    ) -> None:
        self._request_queue = request_queue
        self._clock = engine.clock
        self._pacer = VirtualTimePacer(pace, _real_time())
        self._aws_calls = AwsCallHandler(engine, own_url, self._record_problem)
        self._control_api = make_control(self)
        self._frontend = frontend
        self._pending_advances: list[tuple[PendingAdvance, PendingRequest]] = []
        self.problems: list[str] = []
        self.calls_waiting = 0

    @property
    def pace(self) -> float:
        """Virtual seconds per real second."""
        return self._pacer.pace

    def change_pace(self, pace: float) -> None:
        """From now on at `pace`."""
        self._pacer.change_pace(pace, _real_time())

    def run(self) -> None:
        """Until the mailbox closes. Raises HorizonReached, or NoEngine when the run was given up."""
        self._pacer.update(_real_time())
        self._pacer.due_seconds = 0.0
        while not self._request_queue.closed:
            for letter in self._request_queue.take_all(self._wait_seconds()):
                self._dispatch(letter)
            # Everything that is ready, or due at this very instant; the clock does not move by it.
            self._record_defects(partial(current_scheduler().park, "takes requests in", 0))
            self._pacer.update(_real_time())
            self._advance_clock()

    def _wait_seconds(self) -> float:
        if self._pending_advances or self._pacer.due_seconds > 0:
            return 0.0
        return _TICK_SECONDS if self._pacer.pace > 0 else _IDLE_SECONDS

    # -- requests ---------------------------------------------------------------------------------

    def _dispatch(self, pending: PendingRequest) -> None:
        path = pending.request.path
        if pending.request.for_frontend:
            current_scheduler().spawn(partial(self._answer_frontend, pending), f"front {pending.request.method} {path}")
            return
        if path.startswith(AWS_HOST_PREFIX) or not path.startswith(CONTROL_PREFIX):
            self.calls_waiting += 1
            current_scheduler().spawn(partial(self._answer_aws_call, pending), f"{pending.request.method} {path}")
            return
        try:
            answer = self._control_api.answer(pending.request)
        except Exception as error:  # one request must not end the server
            self._record_problem(error)
            mend = "this is a defect of the twin: report it"
            pending.answer(problem_reply(500, "A defect", f"{type(error).__name__}: {error}", mend))
            return
        if isinstance(answer, PendingAdvance):
            self._pending_advances.append((answer, pending))
        else:
            pending.answer(answer)

    def _answer_aws_call(self, pending: PendingRequest) -> None:
        reply = None
        try:
            reply = self._aws_calls.answer(pending.request)
        finally:  # whatever happens, nobody waits for ever
            self.calls_waiting -= 1
            pending.answer(reply)

    def _answer_frontend(self, pending: PendingRequest) -> None:
        reply = None
        try:
            reply = self._frontend.answer(pending.request) if self._frontend is not None else None
        except Exception as error:  # one request must not end the server
            self._record_problem(error)
            reply = problem_reply(500, "A defect", f"{type(error).__name__}: {error}", "this is a defect of the twin")
        finally:
            pending.answer(reply)

    # -- time -------------------------------------------------------------------------------------

    def _advance_clock(self) -> None:
        end = _real_time() + _MAX_ADVANCE_REAL_SECONDS
        while (seconds := self._due_seconds()) > 0 and not self._request_queue.has_pending() and _real_time() < end:
            before = self._clock.now()
            self._record_defects(partial(self._clock.sleep, min(seconds, _SLICE_SECONDS)))
            self._pacer.spend((self._clock.now() - before).total_seconds())
        self._answer_advances()

    def _due_seconds(self) -> float:
        now = self._clock.now()
        jump = max(((until.moment - now).total_seconds() for until, _ in self._pending_advances), default=0.0)
        return max(jump, self._pacer.due_seconds)

    def _answer_advances(self) -> None:
        now = self._clock.now()
        there = [jump for jump in self._pending_advances if jump[0].moment <= now]
        self._pending_advances = [jump for jump in self._pending_advances if jump[0].moment > now]
        for _, letter in there:
            letter.answer(self._control_api.health_reply())

    # -- defects ----------------------------------------------------------------------------------

    def _record_defects(self, action: Callable[[], object]) -> None:
        """A defect that some task met is told, and the world goes on: a client may have caused it by a call that
        nothing simulates, and others are at work."""
        try:
            action()
        except (HorizonReached, EngineNotOpen):
            raise
        except TwinError as error:
            self._record_problem(error)

    def _record_problem(self, error: BaseException) -> None:
        told = f"{self._clock.now().isoformat()} {type(error).__name__}: {error}"
        self.problems = [*self.problems, told][-100:]
        sys.stderr.write(f"leeward twin: {told}\n")
