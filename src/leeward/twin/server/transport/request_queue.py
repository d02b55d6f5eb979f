"""Between the threads that speak HTTP and the one thread that may touch the simulation: requests in, replies out."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

# How often, in real seconds, a waiting thread looks whether the server has closed.
_CLOSED_CHECK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class ServerRequest:
    """One HTTP request. `target` is path and query as they came; names of headers are in lower case. `front`: it came
    to the port of the application's page."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    for_frontend: bool = False

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The target's query, empty where it has none."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class ServerReply:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class PendingRequest:
    """A request on its way, answered once. None as an answer means that the connection is closed without one."""

    def __init__(self, request: ServerRequest) -> None:
        self.request = request
        self.reply: ServerReply | None = None
        self._answered = threading.Event()

    def answer(self, reply: ServerReply | None) -> None:
        """Answer it; a second answer changes nothing."""
        if not self._answered.is_set():
            self.reply = reply
            self._answered.set()

    def wait(self, seconds: float) -> bool:
        """Whether it was answered within real `seconds`."""
        return self._answered.wait(seconds)


class RequestQueue:
    """Posted to by many threads, emptied by one."""

    def __init__(self) -> None:
        self._pending: SimpleQueue[PendingRequest | None] = SimpleQueue()
        self.closed = False

    def submit(self, request: ServerRequest) -> ServerReply | None:
        """Called on a thread of its own: waits, in real time, for the answer."""
        letter = PendingRequest(request)
        self._pending.put(letter)
        while not letter.wait(_CLOSED_CHECK_SECONDS):
            if self.closed:
                return None
        return letter.reply

    def take_all(self, seconds: float) -> list[PendingRequest]:
        """Everything that has come; waits up to real `seconds` for the first."""
        letters: list[PendingRequest] = []
        try:
            first = self._pending.get(timeout=seconds) if seconds > 0 else self._pending.get_nowait()
            while True:
                letters += [first] if first else []
                first = self._pending.get_nowait()
        except Empty:
            return letters

    def has_pending(self) -> bool:
        """Whether something has come."""
        return not self._pending.empty()

    def close(self) -> None:
        """Answer nothing more. May be called by a signal's handler."""
        self.closed = True
        self._pending.put(None)
