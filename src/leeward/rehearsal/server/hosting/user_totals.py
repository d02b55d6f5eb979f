"""The users of a served world: how they fared, in numbers that do not grow with time."""

from __future__ import annotations

from collections import Counter

from leeward.rehearsal.clients.page_clients import ClientRequest, PageClients
from leeward.rehearsal.clients.writing_clients import WritingClients


class UserTotals:
    """`tick` once a second; None for an application without a site."""

    def __init__(self, clients: PageClients | WritingClients | None) -> None:
        self.clients = clients
        self.served_by_region: Counter[str] = Counter()
        self.failed = 0
        self.latest: list[ClientRequest] = []
        self.last_failure: str | None = None

    def tick(self) -> None:
        """One second of every user."""
        if self.clients is None:
            return
        self.clients.send_requests()
        # Told one by one in a rehearsal; a world that is served for days keeps the sums.
        told = list(self.clients.requests)
        self.latest = self.clients.latest_requests
        self.clients.requests.clear()
        for request in told:
            if request.served_by is None:
                self.failed += 1
                self.last_failure = f"{request.at.isoformat()}: {request.failure_reason}"
            else:
                self.served_by_region[request.served_by] += 1
