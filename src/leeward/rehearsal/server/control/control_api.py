"""The control API: paths below `/_twin/` that control a served world. No AWS service uses this prefix.

    GET  /_twin/health     the server's status and the virtual time
    GET  /_twin/state      the state of the whole world (status_models.py)
    POST /_twin/advance    {"seconds": 600} or {"until": "2026-03-01T10:00:00Z"}; responds when that time is reached
    POST /_twin/pace       {"pace": 60}; 0 stops the clock
    POST /_twin/incident   {"dark": "us-east-1", "black_hole": "5s"} or {"light": "us-east-1"}
    POST /_twin/fault      a fault as in a scenario document: {"kind": "launch-fails", "group": "database", ...}

A POST must have the content type application/json, which an HTML form can't send. Errors are problem documents
(RFC 9457) with the additional member `mend`, which says how to fix the request.
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
    """Raised when a command is invalid. `reply` is the response to send."""

    def __init__(self, reply: ServerReply) -> None:
        super().__init__()
        self.reply = reply


class ControlApi:
    """Answers the requests below CONTROL_PREFIX, on the simulation's thread."""

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
        """Return the reply, or the moment at which `health_reply` is the reply."""
        name = request.path.removeprefix(CONTROL_PREFIX)
        if name not in self._get_handlers and name not in self._post_handlers:
            paths = ", ".join(CONTROL_PREFIX + known for known in (*self._get_handlers, *self._post_handlers))
            return problem_reply(404, "No such path", f"{request.path} does not exist", f"use one of: {paths}")
        allowed = "GET" if name in self._get_handlers else "POST"
        if request.method != allowed:
            refused = problem_reply(
                405, "Wrong method", f"{request.path} does not accept {request.method}", f"use {allowed}"
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
            return problem_reply(422, "Not valid for this world", str(error), error.remedy)

    def health_reply(self) -> ServerReply:
        """Return the server's health. The status is `degraded` after the simulation has found a defect."""
        now = self._served.engine.clock.now().isoformat()
        status = "degraded" if self._loop.problems else "ok"
        health = {"status": status, "now": now, "pace": self._loop.pace, "calls_waiting": self._loop.calls_waiting}
        return json_reply(200, health)

    def _world_status(self) -> ServerReply:
        status = world_status(self._served, self._loop.pace, self._loop.problems)
        return ServerReply(200, {"content-type": "application/json"}, (status.model_dump_json() + "\n").encode())

    def _advance(self, body: bytes) -> PendingAdvance:
        command = _parse_command(
            body, TypeAdapter(commands.AdvanceCommand), 'for example {"seconds": 600} or {"until": "<ISO 8601 time>"}'
        )
        now = self._served.engine.clock.now()
        moment = command.until or now + timedelta(seconds=command.seconds or 0)
        if moment < now or moment - now > commands.MAX_ADVANCE:
            valid_range = f"a time between now ({now.isoformat()}) and {commands.MAX_ADVANCE.days} days from now"
            raise _RequestRefused(
                problem_reply(
                    422, "Time out of range", f"{moment.isoformat()} is out of range", f"choose {valid_range}"
                )
            )
        return PendingAdvance(moment)

    def _change_pace(self, body: bytes) -> ServerReply:
        command = _parse_command(
            body, TypeAdapter(commands.PaceCommand), 'for example {"pace": 60}; {"pace": 0} stops the clock'
        )
        self._loop.change_pace(command.pace)
        return self.health_reply()

    def _change_region(self, body: bytes) -> ServerReply:
        example = 'for example {"dark": "<Region>"}, {"dark": "<Region>", "black_hole": "5s"} or {"light": "<Region>"}'
        command = _parse_command(body, TypeAdapter(commands.RegionOutageCommand), example)
        if command.dark is not None:
            self._served.incidents.start_outage(command.dark, command.black_hole)
        if command.light is not None:
            self._served.incidents.end_outage(command.light)
        return self.health_reply()

    def _add_fault(self, body: bytes) -> ServerReply:
        fault: TypeAdapter[scenario_documents.ScenarioFault] = TypeAdapter(scenario_documents.ScenarioFault)
        example = 'for example {"kind": "call", "operation": "drs:StartRecovery", "fault": "throttled"}'
        self._served.incidents.inject_fault(_parse_command(body, fault, example))
        return self.health_reply()


def _require_json(request: ServerRequest) -> None:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        detail = f"the content type is {content_type or 'missing'}"
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
            raise _RequestRefused(
                problem_reply(400, "Not JSON", f"the body is not valid JSON: {error}", remedy)
            ) from None
        invalid_fields = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the body'}: {e['msg']}" for e in error.errors())
        raise _RequestRefused(problem_reply(422, "Invalid command", invalid_fields, remedy)) from None
