"""The whole service on a port of loopback: the page, the sign-in, both Regions and the DNS in front of them.

Smaller than the twin and in real time: it is for looking at the page.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tests.ticketing.two_region_service import (
    HOME_REGION,
    OTHER_REGION,
    POOLS,
    TicketingService,
    in_region,
    open_service,
    proxy_event,
)
from workloads.ticketing import page_files
from workloads.ticketing.api.handler import handler
from workloads.ticketing.simulated_identity.sign_in_pages import SignInPages


class ServedService:
    """What the server serves."""

    def __init__(self, service: TicketingService, base: str) -> None:
        self.service = service
        self.lock = threading.Lock()
        self.dark: set[str] = set()
        self.leads_to = HOME_REGION
        self.requests = 0
        self.signs = {region: SignInPages(pool, [f"{base}/"]) for region, pool in POOLS.items()}
        self.config = {
            "api": f"{base}/api",
            "regions": [{"name": r, "health": f"{base}/region/{r}/health"} for r in (HOME_REGION, OTHER_REGION)],
            "identity": [
                {
                    "region": r,
                    "authorize": f"{base}/identity/{r}/oauth2/authorize",
                    "token": f"{base}/identity/{r}/oauth2/token",
                    "clientId": POOLS[r].client_id,
                    "provider": "Facebook",
                }
                for r in (HOME_REGION, OTHER_REGION)
            ],
        }

    def call(
        self, region: str, method: str, path: str, *, query: str, headers: dict[str, str], body: str | None
    ) -> Any:
        """The API of one Region; what it writes is replicated at once."""
        self.requests += 1
        pairs = dict(part.split("=", 1) for part in query.split("&") if "=" in part)
        event = proxy_event(method, path, body, headers, query=pairs, request_id=f"loopback-{self.requests}")
        with self.lock, in_region(region):
            answer = handler(event, None)
            if method == "POST" and answer["statusCode"] == 200:
                self._replicate(region, json.loads(answer["body"])["id"])
        return answer

    def _replicate(self, written_in: str, key: str) -> None:
        to = OTHER_REGION if written_in == HOME_REGION else HOME_REGION
        if to in self.dark or written_in in self.dark:
            return
        for item in self.service.items(written_in):
            if item["id"]["S"] == key:
                self.service.replicate(item, to=to)


class _RequestHandler(BaseHTTPRequestHandler):
    world: ClassVar[ServedService]
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode() if length else None
        first, _, rest = url.path.lstrip("/").partition("/")
        if first == "api":
            self._region(self.world.leads_to, f"/{rest}", url.query, body)
        elif first == "region":
            region, _, path = rest.partition("/")
            self._region(region, f"/{path}", url.query, body)
        elif first == "identity":
            region, _, path = rest.partition("/")
            if region in self.world.dark:
                self._close_connection()
                return
            answered = self.world.signs[region].handle_request(self.command, f"/{path}", url.query, body or "")
            self._write(answered.status, dict(answered.headers), answered.body.encode())
        elif url.path == "/config.json":
            self._write(200, {"Content-Type": "application/json"}, json.dumps(self.world.config).encode())
        else:
            found = page_files.find_file(url.path)
            kind, content = found or ("text/plain", b"not found")
            self._write(200 if found else 404, {**page_files.build_headers(), "Content-Type": kind}, content)

    do_GET = do_POST = do_OPTIONS = answer  # noqa: N815 - http.server's names

    def _region(self, region: str, path: str, query: str, body: str | None) -> None:
        if region in self.world.dark:
            self._close_connection()
            return
        answered = self.world.call(
            region, self.command, path, query=query, headers=dict(self.headers.items()), body=body
        )
        headers = {name: values[-1] for name, values in answered["multiValueHeaders"].items()}
        self._write(answered["statusCode"], headers, answered["body"].encode())

    def _close_connection(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _write(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A closed connection is what a dark Region looks like."""


@contextmanager
def serve_locally() -> Iterator[tuple[str, ServedService]]:
    """The address, and the world behind it."""
    with open_service() as service:
        conversation = type("Conversation", (_RequestHandler,), {})
        server = _Server(("127.0.0.1", 0), conversation)
        base = f"http://127.0.0.1:{server.server_port}"
        conversation.world = world = ServedService(service, base)  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield base, world
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
