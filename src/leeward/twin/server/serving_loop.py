"""The serving loop: accepts requests on the simulation's thread, advances virtual time, and answers.

An AWS call becomes a task of the simulation, so a call that waits (a long poll, an invoked function, a black hole) does
not block others. Virtual time advances in small slices, and the loop accepts new requests between two slices.
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
# Real seconds: between two updates of the clock, and the longest advance before the loop checks for requests again.
_TICK_SECONDS, _MAX_ADVANCE_REAL_SECONDS = 0.02, 0.05
_IDLE_SECONDS = 1.0
# Virtual seconds that pass before the loop reads the real clock again.
_SLICE_SECONDS = 10.0
# Paths with this prefix belong to the server. No AWS service uses it.
CONTROL_PREFIX = "/_twin/"


class LoopControl(Protocol):
    """The loop, as a control handler uses it."""

    problems: list[str]
    # AWS calls that are in progress and wait for virtual time: long polls, invoked functions, black holes.
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
    """Serves requests until the request queue closes."""

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
        """Use another pace from now on."""
        self._pacer.change_pace(pace, _real_time())

    def run(self) -> None:
        """Serve until the request queue closes.

        Raises HorizonReached, or EngineNotOpen when the run was canceled.
        """
        self._pacer.update(_real_time())
        self._pacer.due_seconds = 0.0
        while not self._request_queue.closed:
            for pending in self._request_queue.take_all(self._wait_seconds()):
                self._dispatch(pending)
            # Run what is ready or due now. The clock does not move.
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
            remedy = "this is a defect of the twin: report it"
            pending.answer(problem_reply(500, "A defect", f"{type(error).__name__}: {error}", remedy))
            return
        if isinstance(answer, PendingAdvance):
            self._pending_advances.append((answer, pending))
        else:
            pending.answer(answer)

    def _answer_aws_call(self, pending: PendingRequest) -> None:
        reply = None
        try:
            reply = self._aws_calls.answer(pending.request)
        finally:  # the client must always get an answer
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
        advance = max(((advance.moment - now).total_seconds() for advance, _ in self._pending_advances), default=0.0)
        return max(advance, self._pacer.due_seconds)

    def _answer_advances(self) -> None:
        now = self._clock.now()
        due = [each for each in self._pending_advances if each[0].moment <= now]
        self._pending_advances = [each for each in self._pending_advances if each[0].moment > now]
        for _, pending in due:
            pending.answer(self._control_api.health_reply())

    # -- defects ----------------------------------------------------------------------------------

    def _record_defects(self, action: Callable[[], object]) -> None:
        """Run `action`, and record a defect that it raises instead of ending the server.

        A client may have caused the defect by a call that nothing simulates, while other clients are still served.
        """
        try:
            action()
        except (HorizonReached, EngineNotOpen):
            raise
        except TwinError as error:
            self._record_problem(error)

    def _record_problem(self, error: BaseException) -> None:
        text = f"{self._clock.now().isoformat()} {type(error).__name__}: {error}"
        self.problems = [*self.problems, text][-100:]
        sys.stderr.write(f"leeward twin: {text}\n")
