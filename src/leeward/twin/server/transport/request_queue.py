"""Passes requests from the HTTP threads to the one thread that may use the simulation, and the replies back."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

# How often a waiting thread checks whether the server has closed, in real seconds.
_CLOSED_CHECK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class ServerRequest:
    """One HTTP request.

    `target` is the path and query as received. The names of `headers` are in lowercase. `for_frontend` is True for a
    request to the port of the application's page.
    """

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
        """The query of the target, or an empty string."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class ServerReply:
    """One HTTP reply."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class PendingRequest:
    """A request that waits for its reply. A reply of None closes the connection without one."""

    def __init__(self, request: ServerRequest) -> None:
        self.request = request
        self.reply: ServerReply | None = None
        self._answered = threading.Event()

    def answer(self, reply: ServerReply | None) -> None:
        """Set the reply. A second reply has no effect."""
        if not self._answered.is_set():
            self.reply = reply
            self._answered.set()

    def wait(self, seconds: float) -> bool:
        """Return whether a reply arrived within `seconds` of real time."""
        return self._answered.wait(seconds)


class RequestQueue:
    """A queue to which many threads submit requests, and from which one thread takes them."""

    def __init__(self) -> None:
        self._pending: SimpleQueue[PendingRequest | None] = SimpleQueue()
        self.closed = False

    def submit(self, request: ServerRequest) -> ServerReply | None:
        """Submit a request and wait for the reply, in real time. Call it on its own thread."""
        pending = PendingRequest(request)
        self._pending.put(pending)
        while not pending.wait(_CLOSED_CHECK_SECONDS):
            if self.closed:
                return None
        return pending.reply

    def take_all(self, seconds: float) -> list[PendingRequest]:
        """Return all submitted requests. Wait up to `seconds` of real time for the first one."""
        requests: list[PendingRequest] = []
        try:
            first = self._pending.get(timeout=seconds) if seconds > 0 else self._pending.get_nowait()
            while True:
                requests += [first] if first else []
                first = self._pending.get_nowait()
        except Empty:
            return requests

    def has_pending(self) -> bool:
        """Return whether a request is waiting."""
        return not self._pending.empty()

    def close(self) -> None:
        """Stop answering. A signal handler may call it."""
        self.closed = True
        self._pending.put(None)
