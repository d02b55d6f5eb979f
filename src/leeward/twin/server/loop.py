"""The loop on the one thread that holds the baton: take requests in, let virtual time pass, answer.

An AWS call becomes a task of the simulation, so one that waits (a long poll, an invoked function, a black hole) holds
up nobody. Time passes in small slices, and requests that come meanwhile are taken in between two of them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial

from leeward.twin.engine.baton import current
from leeward.twin.errors import HorizonReached, NoEngine, TwinError
from leeward.twin.server.addressing import AT_HOST
from leeward.twin.server.answers import problem
from leeward.twin.server.calls import Calls
from leeward.twin.server.control import PREFIX, Control, Until
from leeward.twin.server.front import Front
from leeward.twin.server.mailbox import Letter, Mailbox
from leeward.twin.server.pacing import Pacer
from leeward.twin.server.world import ServedWorld

_real_time = time.monotonic
# Real seconds: between two beats of the clock, and what may pass before requests are looked for again.
_BEAT_SECONDS, _BUDGET_SECONDS = 0.02, 0.05
_IDLE_SECONDS = 1.0
# Virtual seconds that pass without a look at the real clock.
_SLICE_SECONDS = 10.0


class Loop:
    """Serves until the mailbox closes."""

    def __init__(
        self, served: ServedWorld, mailbox: Mailbox, pace: float, own_url: str, front: Front | None = None
    ) -> None:
        self._served, self._mailbox = served, mailbox
        self._clock = served.engine.clock
        self._pacer = Pacer(pace, _real_time())
        self._calls = Calls(served.engine, own_url, self._note)
        self._control = Control(served, self)
        self._front = front
        self._jumps: list[tuple[Until, Letter]] = []
        self.problems: list[str] = []
        self.calls_waiting = 0

    @property
    def pace(self) -> float:
        """Virtual seconds per real second."""
        return self._pacer.pace

    def change_pace(self, pace: float) -> None:
        """From now on at `pace`."""
        self._pacer.change(pace, _real_time())

    def run(self) -> None:
        """Until the mailbox closes. Raises HorizonReached, or NoEngine when the run was given up."""
        self._pacer.hear(_real_time())
        self._pacer.due = 0.0
        while not self._mailbox.closed:
            for letter in self._mailbox.take(self._patience()):
                self._open(letter)
            # Everything that is ready, or due at this very instant; the clock does not move by it.
            self._guarded(partial(current().park, "takes requests in", 0))
            self._pacer.hear(_real_time())
            self._let_time_pass()

    def _patience(self) -> float:
        if self._jumps or self._pacer.due > 0:
            return 0.0
        return _BEAT_SECONDS if self._pacer.pace > 0 else _IDLE_SECONDS

    # -- requests ---------------------------------------------------------------------------------

    def _open(self, letter: Letter) -> None:
        path = letter.request.path
        if letter.request.front:
            current().spawn(partial(self._show, letter), f"front {letter.request.method} {path}")
            return
        if path.startswith(AT_HOST) or not path.startswith(PREFIX):
            self.calls_waiting += 1
            current().spawn(partial(self._call, letter), f"{letter.request.method} {path}")
            return
        try:
            answer = self._control.answer(letter.request)
        except Exception as error:  # one request must not end the server
            self._note(error)
            mend = "this is a defect of the twin: report it"
            letter.answer(problem(500, "A defect", f"{type(error).__name__}: {error}", mend))
            return
        if isinstance(answer, Until):
            self._jumps.append((answer, letter))
        else:
            letter.answer(answer)

    def _call(self, letter: Letter) -> None:
        reply = None
        try:
            reply = self._calls.answer(letter.request)
        finally:  # whatever happens, nobody waits for ever
            self.calls_waiting -= 1
            letter.answer(reply)

    def _show(self, letter: Letter) -> None:
        reply = None
        try:
            reply = self._front.answer(letter.request) if self._front is not None else None
        except Exception as error:  # one request must not end the server
            self._note(error)
            reply = problem(500, "A defect", f"{type(error).__name__}: {error}", "this is a defect of the twin")
        finally:
            letter.answer(reply)

    # -- time -------------------------------------------------------------------------------------

    def _let_time_pass(self) -> None:
        end = _real_time() + _BUDGET_SECONDS
        while (seconds := self._due()) > 0 and not self._mailbox.waiting() and _real_time() < end:
            before = self._clock.now()
            self._guarded(partial(self._clock.sleep, min(seconds, _SLICE_SECONDS)))
            self._pacer.spend((self._clock.now() - before).total_seconds())
        self._answer_jumps()

    def _due(self) -> float:
        now = self._clock.now()
        jump = max(((until.moment - now).total_seconds() for until, _ in self._jumps), default=0.0)
        return max(jump, self._pacer.due)

    def _answer_jumps(self) -> None:
        now = self._clock.now()
        there = [jump for jump in self._jumps if jump[0].moment <= now]
        self._jumps = [jump for jump in self._jumps if jump[0].moment > now]
        for _, letter in there:
            letter.answer(self._control.health())

    # -- defects ----------------------------------------------------------------------------------

    def _guarded(self, action: Callable[[], object]) -> None:
        """A defect that some task met is told, and the world goes on: a client may have caused it by a call that
        nothing simulates, and others are at work."""
        try:
            action()
        except (HorizonReached, NoEngine):
            raise
        except TwinError as error:
            self._note(error)

    def _note(self, error: BaseException) -> None:
        told = f"{self._clock.now().isoformat()} {type(error).__name__}: {error}"
        self.problems = [*self.problems, told][-100:]
        sys.stderr.write(f"leeward twin: {told}\n")
