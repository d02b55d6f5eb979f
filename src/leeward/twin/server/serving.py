"""A served world, opened and closed: the port first, then the world, then the loop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import FrameType, TracebackType
from typing import Self

from leeward.twin.server.calls import regions
from leeward.twin.server.catalogue import by_signing_name
from leeward.twin.server.door import LOOPBACK, Door
from leeward.twin.server.front import Front
from leeward.twin.server.front import refusal as refuse_strangers
from leeward.twin.server.loop import Loop
from leeward.twin.server.mailbox import Mailbox, Reply, Request
from leeward.twin.server.world import ServedWorld


class Server:
    """`with Server(served, port=0, pace=60) as server: server.run()`, on the thread that opens it."""

    def __init__(self, served: ServedWorld, *, port: int = 0, pace: float = 1.0, front_port: int | None = None) -> None:
        """`port` 0 is any that is free; `pace` is virtual seconds per real second, 0 stands still. `front_port` is that
        of the application's page, None for no page. Raises PortTaken."""
        self.served, self._pace = served, pace
        self._mailbox = Mailbox()
        self._door = Door(port, self._mailbox.post)
        self._front_door = None if front_port is None else Door(front_port, self._post_front, refuse_strangers)
        self._open = ExitStack()

    @property
    def front_url(self) -> str | None:
        """Where the application's page is, where it is served."""
        return None if self._front_door is None else f"http://{LOOPBACK}:{self._front_door.port}/"

    def _post_front(self, request: Request) -> Reply | None:
        return self._mailbox.post(replace(request, front=True))

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._door.port

    @property
    def url(self) -> str:
        """What AWS_ENDPOINT_URL is to be set to."""
        return f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        # Before the engine takes the process over: both read what is installed.
        by_signing_name()
        regions()
        with ExitStack() as opening:
            opening.callback(self._door.server_close)
            opening.enter_context(self.served)
            if self._front_door is not None:
                opening.callback(self._front_door.server_close)
            self._loop = Loop(self.served, self._mailbox, self._pace, self.url, self._front())
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mailbox.close()
        self._open.__exit__(kind, error, trace)

    def _front(self) -> Front | None:
        house = self.served.world.front
        if self._front_door is None or house is None:
            return None
        return Front(self.served, house)

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop`, SIGINT or SIGTERM. `ready` is called once requests are let in."""
        self._door.start()
        if self._front_door is not None:
            self._front_door.start()
        try:
            with _ended_by_signals(self.stop):
                ready()
                self._loop.run()
        finally:
            self._mailbox.close()
            self._door.shutdown()
            if self._front_door is not None:
                self._front_door.shutdown()

    def stop(self) -> None:
        """End `run`; from any thread, or from a signal's handler."""
        self._mailbox.close()


@contextmanager
def _ended_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """The first SIGINT or SIGTERM ends the loop between two slices of time; a second one ends the process as ever.

    A KeyboardInterrupt in the middle would strike while some other thread holds the baton.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {which: signal.getsignal(which) for which in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, frame: FrameType | None) -> None:
        del frame
        signal.signal(number, before[signal.Signals(number)] or signal.SIG_DFL)
        stop()

    try:
        for which in before:
            signal.signal(which, handle)
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler or signal.SIG_DFL)
