"""Users who write and read: each creates a thing, reads it back, and goes on, through DNS, all through a rehearsal.

A request that fails is tried again after `retry` seconds, with the same token, until it is answered: nobody's thing is
given up, and a write whose answer was lost must not become two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from leeward.twin.internet.clients import Request
from leeward.twin.internet.dns import Answer, Dns, NoAnswer
from leeward.twin.internet.http import Internet, Response, Unreachable
from leeward.twin.internet.http import Request as HttpRequest
from leeward.twin.internet.ledger import Ledger, Write

_FIRST_REFUSED, _FIRST_BROKEN, _NOT_FOUND = 300, 500, 404


class Script(Protocol):
    """What the users of an application send."""

    def create(self, number: int, client: int, now: datetime) -> HttpRequest:
        """The write `number`; the same each time it is asked for, but for a new token of the session."""
        ...

    def read(self, thing: str, client: int, now: datetime) -> HttpRequest:
        """Reads back the thing with this id."""
        ...

    def made(self, response: Response) -> str | None:
        """The id of what a create's answer tells of; None when it tells of none."""
        ...


@dataclass(slots=True)
class _User:
    """One user: where its resolver is, what it keeps, what it is about."""

    near: str
    due: datetime
    answer: Answer | None = None
    expires: datetime | None = None
    unsent: Write | None = None
    reading: str | None = None
    unseen: int = 0


@dataclass
class Writers:
    """`near` names, for each user, the Region that its resolver is nearest to."""

    host: str
    script: Script
    dns: Dns
    internet: Internet
    now: Callable[[], datetime]
    near: Sequence[str]
    ledger: Ledger
    every: timedelta = timedelta(seconds=5)
    retry: timedelta = timedelta(seconds=2)
    requests: list[Request] = field(default_factory=list)
    unseen_reads: int = 0
    """Reads that came to a Region before the write had been replicated to it."""
    inline = False  # the application's own code runs in each request
    _users: list[_User] = field(default_factory=list)
    _latest: dict[int, Request] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many users there are."""
        return len(self.near)

    @property
    def latest(self) -> list[Request]:
        """Each user's latest request."""
        return [self._latest[number] for number in sorted(self._latest)]

    def tick(self) -> None:
        """One second of every user."""
        now = self.now()
        if not self._users:
            # Over a write and a read: else all would write for a while, and then all would read.
            spread = 2 * self.every / self.count
            self._users = [_User(near, now + spread * number) for number, near in enumerate(self.near)]
        for number, user in enumerate(self._users):
            if now >= user.due:
                seen = self._act(number, user, now)
                self._latest[number] = seen
                self.requests.append(seen)
                user.due = max(user.due, now - self.every) + (self.every if seen.served_by else self.retry)

    def _act(self, number: int, user: _User, now: datetime) -> Request:
        address, why = self._address(number, user, now)
        if address is None:
            return Request(now, number, None, why)
        if user.reading is not None:
            return self._read(number, user, address, now)
        write = user.unsent = user.unsent or self.ledger.new(number, now)
        write.tries += 1
        response, why = self._send(address, self.script.create(write.number, number, now))
        if response is None or response.status >= _FIRST_REFUSED:
            return Request(now, number, None, why or f"{response.region if response else ''} refused: {response}")
        write.acked_at, write.region, write.id = now, response.region, self.script.made(response)
        user.unsent, user.reading = None, write.id
        return Request(now, number, response.region)

    def _read(self, number: int, user: _User, address: str, now: datetime) -> Request:
        response, why = self._send(address, self.script.read(user.reading or "", number, now))
        if response is None:
            return Request(now, number, None, why)
        if response.status == _NOT_FOUND:
            self.unseen_reads += 1
        elif response.status >= _FIRST_REFUSED:
            return Request(now, number, None, f"{response.region} refused: {response.status}")
        user.reading = None
        return Request(now, number, response.region)

    def _send(self, address: str, request: HttpRequest) -> tuple[Response | None, str]:
        try:
            response = self.internet.send(address, request)
        except Unreachable as error:
            return None, str(error)
        if response.status >= _FIRST_BROKEN:
            return None, f"{response.region} answered {response.status}: {response.body[:200]}"
        return response, ""

    def _address(self, number: int, user: _User, now: datetime) -> tuple[str | None, str]:
        if user.answer is None or user.expires is None or now >= user.expires:
            try:
                user.answer = self.dns.resolve(self.host, user.near)
            except NoAnswer as error:
                return None, str(error)
            ttl = timedelta(seconds=user.answer.ttl_seconds)
            # The first answers of different users age differently: spread them over the TTL.
            user.expires = now + (ttl if user.expires else ttl * (number + 1) / self.count)
        return user.answer.value, ""
