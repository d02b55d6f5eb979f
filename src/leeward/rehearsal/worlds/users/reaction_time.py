"""The longest time until every client follows a changed DNS answer, as the simulation can draw it."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import timedelta

from leeward.rehearsal.clients.client_connection import longest_overrun
from leeward.rehearsal.clients.page_clients import PageClients
from leeward.rehearsal.clients.writing_clients import WritingClients

# The simulation advances by seconds, and a user may send a request just after a tick.
_TICK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ReactionTime:
    """The longest times that pass, one after another, until a client sends its requests to the new address.

    - `ttl`: the TTL of the answer that the client's resolver has just received.
    - `overrun`: how long the client keeps the answer beyond its TTL.
    - `connection`: the lifetime of a connection that it opens with this answer.
    - `timeout`: how long it waits for the response to its last request.
    - `retry`: the pause before the request that follows a failed one.
    """

    ttl: timedelta
    overrun: timedelta
    connection: timedelta
    timeout: timedelta
    retry: timedelta

    @property
    def total(self) -> timedelta:
        """Return the sum of all terms."""
        return sum(astuple(self), timedelta())


def longest_reaction(clients: PageClients | WritingClients) -> ReactionTime:
    """Return the longest time until all of `clients` follow a changed answer for their host."""
    network = clients.network
    ttl = network.dns.longest_ttl(network.host)
    return ReactionTime(
        ttl, longest_overrun(ttl), network.lifetime.longest, network.timeout, clients.retry_interval + _TICK
    )
