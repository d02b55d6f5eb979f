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
from datetime import timedelta
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from leeward.rehearsal.scenarios import scenario_documents
from leeward.rehearsal.server.control import commands
from leeward.rehearsal.server.control.world_status import world_status
from leeward.rehearsal.server.hosting.on_demand_incidents import InvalidIncident
from leeward.rehearsal.server.hosting.served_world import ServedWorld
from leeward.twin.server.serving_loop import CONTROL_PREFIX, LoopControl, PendingAdvance
from leeward.twin.server.transport.replies import json_reply, problem_reply
from leeward.twin.server.transport.request_queue import ServerReply, ServerRequest

_MAX_BODY_BYTES = 64 * 1024
T = TypeVar("T")


class _RequestRefused(Exception):
    def __init__(self, reply: ServerReply) -> None:
        super().__init__()
        self.reply = reply


class ControlApi:
    """Answers the requests below PREFIX, within the simulation's thread."""

    def __init__(self, served: ServedWorld, loop: LoopControl) -> None:
        self._served, self._loop = served, loop
        self._get_handlers: dict[str, Callable[[], ServerReply]] = {
            "health": self.health_reply,
            "state": self._world_status,
        }
        self._post_handlers: dict[str, Callable[[bytes], ServerReply | PendingAdvance]] = {
            "advance": self._advance,
            "pace": self._change_pace,
            "incident": self._change_region,
            "fault": self._add_fault,
        }

    def answer(self, request: ServerRequest) -> ServerReply | PendingAdvance:
        """A reply, or the moment at which `health` is the reply."""
        name = request.path.removeprefix(CONTROL_PREFIX)
        if name not in self._get_handlers and name not in self._post_handlers:
            there = ", ".join(CONTROL_PREFIX + known for known in (*self._get_handlers, *self._post_handlers))
            return problem_reply(404, "No such path", f"nothing answers at {request.path}", f"there are: {there}")
        allowed = "GET" if name in self._get_handlers else "POST"
        if request.method != allowed:
            refused = problem_reply(
                405, "Wrong method", f"{request.path} does not take {request.method}", f"use {allowed}"
            )
            return ServerReply(refused.status, {**refused.headers, "allow": allowed}, refused.body)
        if name in self._get_handlers:
            return self._get_handlers[name]()
        try:
            _require_json(request)
            return self._post_handlers[name](request.body)
        except _RequestRefused as error:
            return error.reply
        except InvalidIncident as error:
            return problem_reply(422, "Does not fit this world", str(error), error.remedy)

    def health_reply(self) -> ServerReply:
        """Alive; `degraded` once the simulation met a defect."""
        now = self._served.engine.clock.now().isoformat()
        status = "degraded" if self._loop.problems else "ok"
        told = {"status": status, "now": now, "pace": self._loop.pace, "calls_waiting": self._loop.calls_waiting}
        return json_reply(200, told)

    def _world_status(self) -> ServerReply:
        seen = world_status(self._served, self._loop.pace, self._loop.problems)
        return ServerReply(200, {"content-type": "application/json"}, (seen.model_dump_json() + "\n").encode())

    def _advance(self, body: bytes) -> PendingAdvance:
        order = _parse_command(
            body, TypeAdapter(commands.AdvanceCommand), 'for example {"seconds": 600} or {"until": "<ISO 8601 time>"}'
        )
        now = self._served.engine.clock.now()
        moment = order.until or now + timedelta(seconds=order.seconds or 0)
        if moment < now or moment - now > commands.MAX_ADVANCE:
            most = f"between now and {commands.MAX_ADVANCE.days} days from now; it is {now.isoformat()}"
            raise _RequestRefused(
                problem_reply(422, "Cannot go there", f"{moment.isoformat()} is out of reach", f"choose {most}")
            )
        return PendingAdvance(moment)

    def _change_pace(self, body: bytes) -> ServerReply:
        order = _parse_command(
            body, TypeAdapter(commands.PaceCommand), 'for example {"pace": 60}; {"pace": 0} stands still'
        )
        self._loop.change_pace(order.pace)
        return self.health_reply()

    def _change_region(self, body: bytes) -> ServerReply:
        mend = 'for example {"dark": "<Region>"}, {"dark": "<Region>", "black_hole": "5s"} or {"light": "<Region>"}'
        order = _parse_command(body, TypeAdapter(commands.RegionOutageCommand), mend)
        if order.dark is not None:
            self._served.incidents.start_outage(order.dark, order.black_hole)
        if order.light is not None:
            self._served.incidents.end_outage(order.light)
        return self.health_reply()

    def _add_fault(self, body: bytes) -> ServerReply:
        fault: TypeAdapter[scenario_documents.ScenarioFault] = TypeAdapter(scenario_documents.ScenarioFault)
        mend = 'for example {"kind": "call", "operation": "drs:StartRecovery", "fault": "throttled"}'
        self._served.incidents.inject_fault(_parse_command(body, fault, mend))
        return self.health_reply()


def _require_json(request: ServerRequest) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        detail = f"the content type is {kind or 'missing'}"
        raise _RequestRefused(
            problem_reply(415, "Not JSON", detail, "send JSON with the header Content-Type: application/json")
        )
    if len(request.body) > _MAX_BODY_BYTES:
        raise _RequestRefused(
            problem_reply(413, "Too large", f"{len(request.body)} bytes", f"send at most {_MAX_BODY_BYTES} bytes")
        )


def _parse_command(body: bytes, model: TypeAdapter[T], remedy: str) -> T:
    try:
        return model.validate_python(json.loads(body))
    except (ValueError, RecursionError) as error:
        if not isinstance(error, ValidationError):
            raise _RequestRefused(problem_reply(400, "Not JSON", f"the body cannot be read: {error}", remedy)) from None
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the body'}: {e['msg']}" for e in error.errors())
        raise _RequestRefused(problem_reply(422, "Not understood", wrong, remedy)) from None
