"""The paths below `/_twin/`, which no AWS service uses: how people and programs drive the world that is served.

    GET  /_twin/health     alive, and what the virtual time is
    GET  /_twin/state      the whole world (state.py)
    POST /_twin/advance    {"seconds": 600} or {"until": "2026-03-01T10:00:00Z"}; answers when that time has come
    POST /_twin/pace       {"pace": 60}; 0 stands still
    POST /_twin/incident   {"dark": "us-east-1", "black_hole": "5s"} or {"light": "us-east-1"}
    POST /_twin/fault      a fault as in a scenario document: {"kind": "launch-fails", "group": "database", ...}

A POST must be of type application/json, which no form of a web page can send. Errors are problem documents (RFC 9457)
with a member `mend`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from leeward.twin.server import orders
from leeward.twin.server.answers import json_reply, problem
from leeward.twin.server.incidents import Unfit
from leeward.twin.server.look import look
from leeward.twin.server.mailbox import Reply, Request
from leeward.twin.server.world import ServedWorld
from leeward.twin.world import documents

PREFIX = "/_twin/"
_MOST_BYTES = 64 * 1024
T = TypeVar("T")


class Time(Protocol):
    """What control needs of the loop."""

    problems: list[str]
    # AWS calls that have begun and wait for virtual time: long polls, invoked functions, black holes.
    calls_waiting: int

    @property
    def pace(self) -> float:
        """Virtual seconds per real second."""
        ...

    def change_pace(self, pace: float) -> None:
        """From now on at `pace`."""
        ...


@dataclass(frozen=True, slots=True)
class Until:
    """The answer is due when virtual time has come so far."""

    moment: datetime


class _Refused(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


class Control:
    """Answers the requests below PREFIX, within the simulation's thread."""

    def __init__(self, served: ServedWorld, time: Time) -> None:
        self._served, self._time = served, time
        self._gets: dict[str, Callable[[], Reply]] = {"health": self.health, "state": self._state}
        self._posts: dict[str, Callable[[bytes], Reply | Until]] = {
            "advance": self._advance,
            "pace": self._pace,
            "incident": self._incident,
            "fault": self._fault,
        }

    def answer(self, request: Request) -> Reply | Until:
        """A reply, or the moment at which `health` is the reply."""
        name = request.path.removeprefix(PREFIX)
        if name not in self._gets and name not in self._posts:
            there = ", ".join(PREFIX + known for known in (*self._gets, *self._posts))
            return problem(404, "No such path", f"nothing answers at {request.path}", f"there are: {there}")
        allowed = "GET" if name in self._gets else "POST"
        if request.method != allowed:
            refused = problem(405, "Wrong method", f"{request.path} does not take {request.method}", f"use {allowed}")
            return Reply(refused.status, {**refused.headers, "allow": allowed}, refused.body)
        if name in self._gets:
            return self._gets[name]()
        try:
            _only_json(request)
            return self._posts[name](request.body)
        except _Refused as error:
            return error.reply
        except Unfit as error:
            return problem(422, "Does not fit this world", str(error), error.mend)

    def health(self) -> Reply:
        """Alive; `degraded` once the simulation met a defect."""
        now = self._served.engine.clock.now().isoformat()
        status = "degraded" if self._time.problems else "ok"
        told = {"status": status, "now": now, "pace": self._time.pace, "calls_waiting": self._time.calls_waiting}
        return json_reply(200, told)

    def _state(self) -> Reply:
        seen = look(self._served, self._time.pace, self._time.problems)
        return Reply(200, {"content-type": "application/json"}, (seen.model_dump_json() + "\n").encode())

    def _advance(self, body: bytes) -> Until:
        order = _read(body, TypeAdapter(orders.Advance), 'for example {"seconds": 600} or {"until": "<ISO 8601 time>"}')
        now = self._served.engine.clock.now()
        moment = order.until or now + timedelta(seconds=order.seconds or 0)
        if moment < now or moment - now > orders.MOST_AT_ONCE:
            most = f"between now and {orders.MOST_AT_ONCE.days} days from now; it is {now.isoformat()}"
            raise _Refused(problem(422, "Cannot go there", f"{moment.isoformat()} is out of reach", f"choose {most}"))
        return Until(moment)

    def _pace(self, body: bytes) -> Reply:
        order = _read(body, TypeAdapter(orders.Pace), 'for example {"pace": 60}; {"pace": 0} stands still')
        self._time.change_pace(order.pace)
        return self.health()

    def _incident(self, body: bytes) -> Reply:
        mend = 'for example {"dark": "<Region>"}, {"dark": "<Region>", "black_hole": "5s"} or {"light": "<Region>"}'
        order = _read(body, TypeAdapter(orders.Incident), mend)
        if order.dark is not None:
            self._served.incidents.darken(order.dark, order.black_hole)
        if order.light is not None:
            self._served.incidents.light(order.light)
        return self.health()

    def _fault(self, body: bytes) -> Reply:
        fault: TypeAdapter[documents.Fault] = TypeAdapter(documents.Fault)
        mend = 'for example {"kind": "call", "operation": "drs:StartRecovery", "fault": "throttled"}'
        self._served.incidents.fault(_read(body, fault, mend))
        return self.health()


def _only_json(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        detail = f"the content type is {kind or 'missing'}"
        raise _Refused(problem(415, "Not JSON", detail, "send JSON with the header Content-Type: application/json"))
    if len(request.body) > _MOST_BYTES:
        raise _Refused(problem(413, "Too large", f"{len(request.body)} bytes", f"send at most {_MOST_BYTES} bytes"))


def _read(body: bytes, model: TypeAdapter[T], mend: str) -> T:
    try:
        return model.validate_python(json.loads(body))
    except (ValueError, RecursionError) as error:
        if not isinstance(error, ValidationError):
            raise _Refused(problem(400, "Not JSON", f"the body cannot be read: {error}", mend)) from None
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the body'}: {e['msg']}" for e in error.errors())
        raise _Refused(problem(422, "Not understood", wrong, mend)) from None
