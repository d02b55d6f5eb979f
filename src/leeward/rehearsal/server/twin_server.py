"""The twin's server: opens the port, the served world, and the serving loop, in this order, and closes them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from types import FrameType, TracebackType
from typing import Self

from leeward.rehearsal.server.control.control_api import ControlApi
from leeward.rehearsal.server.hosting.served_world import ServedWorld
from leeward.rehearsal.server.web_frontend import WebFrontend, frontend_refusal_reason
from leeward.twin.server.aws_requests.aws_calls import known_regions
from leeward.twin.server.aws_requests.service_catalogue import services_by_signing_name
from leeward.twin.server.serving_loop import ServingLoop
from leeward.twin.server.transport.http_listener import LOOPBACK, HttpListener
from leeward.twin.server.transport.request_queue import RequestQueue, ServerReply, ServerRequest


class TwinServer:
    """Serves one world. Use `with TwinServer(served, port=0, pace=60) as server: server.run()` on a single thread."""

    def __init__(
        self, served: ServedWorld, *, port: int = 0, pace: float = 1.0, frontend_port: int | None = None
    ) -> None:
        """Open the ports. Raises PortUnavailable when a port is in use.

        With 0 as `port`, the server uses a free port. `pace` is the number of virtual seconds per real second, and 0
        stops the clock. `frontend_port` is the port of the application's page, or None for no page.
        """
        self.served, self._pace = served, pace
        self._request_queue = RequestQueue()
        self._listener = HttpListener(port, self._request_queue.submit)
        self._frontend_listener = (
            None
            if frontend_port is None
            else HttpListener(frontend_port, self._submit_frontend_request, frontend_refusal_reason)
        )
        self._exit_stack = ExitStack()

    @property
    def frontend_url(self) -> str | None:
        """Return the URL of the application's page, or None if the page isn't served."""
        return None if self._frontend_listener is None else f"http://{LOOPBACK}:{self._frontend_listener.port}/"

    def _submit_frontend_request(self, request: ServerRequest) -> ServerReply | None:
        return self._request_queue.submit(replace(request, for_frontend=True))

    @property
    def port(self) -> int:
        """Return the port that the server listens on."""
        return self._listener.port

    @property
    def url(self) -> str:
        """Return the value for AWS_ENDPOINT_URL."""
        return f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        # These read the installed service models, so they must run before the engine patches the process.
        services_by_signing_name()
        known_regions()
        with ExitStack() as opening:
            opening.callback(self._listener.server_close)
            opening.enter_context(self.served)
            if self._frontend_listener is not None:
                opening.callback(self._frontend_listener.server_close)
            self._loop = ServingLoop(
                self.served.engine,
                self._request_queue,
                self._pace,
                self.url,
                make_control=partial(ControlApi, self.served),
                frontend=self._make_frontend(),
            )
            self._exit_stack = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._request_queue.close()
        self._exit_stack.__exit__(kind, error, trace)

    def _make_frontend(self) -> WebFrontend | None:
        workload = self.served.world.workload
        if self._frontend_listener is None or workload is None:
            return None
        return WebFrontend(self.served, workload)

    def run(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop`, SIGINT, or SIGTERM. `on_ready` is called when the server accepts requests."""
        self._listener.start()
        if self._frontend_listener is not None:
            self._frontend_listener.start()
        try:
            with _stop_on_signals(self.stop):
                on_ready()
                self._loop.run()
        finally:
            self._request_queue.close()
            self._listener.shutdown()
            if self._frontend_listener is not None:
                self._frontend_listener.shutdown()

    def stop(self) -> None:
        """End `run`. You can call this method on any thread and in a signal handler."""
        self._request_queue.close()


@contextmanager
def _stop_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Stop the loop between two time slices at the first SIGINT or SIGTERM. A second one has its usual effect.

    A KeyboardInterrupt within a slice would interrupt a simulation task.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous_handlers = {which: signal.getsignal(which) for which in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, frame: FrameType | None) -> None:
        del frame
        signal.signal(number, previous_handlers[signal.Signals(number)] or signal.SIG_DFL)
        stop()

    try:
        for which in previous_handlers:
            signal.signal(which, handle)
        yield
    finally:
        for which, handler in previous_handlers.items():
            signal.signal(which, handler or signal.SIG_DFL)
