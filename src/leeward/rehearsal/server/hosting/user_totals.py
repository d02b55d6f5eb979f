"""Totals of the requests of a served world's users, whose size doesn't grow with time."""

from __future__ import annotations

from collections import Counter

from leeward.rehearsal.clients.page_clients import ClientRequest, PageClients
from leeward.rehearsal.clients.writing_clients import WritingClients


class UserTotals:
    """The totals of all requests. Call `tick` once a second.

    `clients` is None for an application without a site.
    """

    def __init__(self, clients: PageClients | WritingClients | None) -> None:
        self.clients = clients
        self.served_by_region: Counter[str] = Counter()
        self.failed = 0
        self.latest: list[ClientRequest] = []
        self.last_failure: str | None = None

    def tick(self) -> None:
        """Simulate one second of every user, and add the requests to the totals."""
        if self.clients is None:
            return
        self.clients.send_requests()
        # A rehearsal keeps every request. A world that is served for days keeps only the totals.
        requests = list(self.clients.requests)
        self.latest = self.clients.latest_requests
        self.clients.requests.clear()
        for request in requests:
            if request.served_by is None:
                self.failed += 1
                self.last_failure = f"{request.at.isoformat()}: {request.failure_reason}"
            else:
                self.served_by_region[request.served_by] += 1
