"""The users of a served world: how they fared, in numbers that do not grow with time."""

from __future__ import annotations

from collections import Counter

from leeward.twin.internet.clients import Clients, Request
from leeward.twin.internet.writers import Writers


class Users:
    """`tick` once a second; None for an application without a site."""

    def __init__(self, clients: Clients | Writers | None) -> None:
        self.clients = clients
        self.served: Counter[str] = Counter()
        self.failed = 0
        self.latest: list[Request] = []
        self.last_failure: str | None = None

    def tick(self) -> None:
        """One second of every user."""
        if self.clients is None:
            return
        self.clients.tick()
        # Told one by one in a rehearsal; a world that is served for days keeps the sums.
        told = list(self.clients.requests)
        self.latest = self.clients.latest
        self.clients.requests.clear()
        for request in told:
            if request.served_by is None:
                self.failed += 1
                self.last_failure = f"{request.at.isoformat()}: {request.why}"
            else:
                self.served[request.served_by] += 1
