"""Handlers that report success without acting.

A no-op writes the journal entries that a real task writes, with the claims that a clean run made at the same step. Only
the work is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from leeward.base.import_paths import load
from leeward.common.aws.clients import client
from leeward.common.claims.all_claims import read_claims
from leeward.common.claims.types.run_claims import Changed
from leeward.common.polling import PollResult
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.kinds.registry import task_handler
from leeward.lambdas.runtime.invocation.task_events import DetailResult
from leeward.lambdas.runtime.task import task
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.task_functions import list_task_names

Handler = Callable[[dict[str, Any], Any], Any]
Results = Mapping[str, PollResult]
APPROVAL = "approval_request"
_UNKNOWN = PollResult.reached(Changed(resource="everything", region="here", state="is as it should be"))


@dataclass(frozen=True, slots=True)
class NoOp:
    """A step that only reports success. `results` are those of a clean run. `before` changes the world at the step."""

    step: str
    results: Results
    before: Callable[[RehearsalSession], object] = lambda _: None


def results_of_clean_run(entries: Sequence[JournalEntry]) -> Results:
    """The result of each step that was done."""
    return {
        str(entry.step): PollResult(True, entry.detail, tuple(read_claims(entry.facts)) or _UNKNOWN.claims)
        for entry in entries
        if entry.event is JournalEvent.STEP_DONE and not entry.facts.get("undone")
    }


def use_no_op(session: RehearsalSession, no_op: NoOp) -> None:
    """Replace the handlers of the step's tasks in both Regions. The tasks' other steps keep them.

    The world changes when the run enters the step, and outside of any handler, whose role may not change it.
    """
    began: list[str] = []

    def change_world(_execution: str, event: Mapping[str, Any]) -> None:
        state = (event.get("stateEnteredEventDetails") or {}).get("name")
        steps = session.main_runbook.compiled.steps
        if not began and any(step.id == no_op.step and state in step.states for step in steps):
            began.append(no_op.step)
            no_op.before(session)

    session.engine.add_event_listener(change_world)
    for name in list_task_names():
        for region in session.application.regions.both:
            for function in session.engine.functions.list_in_region(region):
                if function.name == f"leeward-{name.replace('_', '-')}":
                    session.engine.functions.register(
                        region,
                        function.name,
                        _replace(name, function.handler, no_op),
                        timeout_seconds=function.timeout_seconds,
                        latency_seconds=function.latency_seconds,
                        environment=function.environment,
                        role=function.role,
                    )


def _replace(name: str, handler: Handler, no_op: NoOp) -> Handler:
    own = load(task_handler(name))
    if not hasattr(own, "event_model"):
        return handler
    idle = _approve_unasked if name == APPROVAL else _make_idle_handler(own, no_op.results)

    def choose(event: dict[str, Any], context: Any) -> Any:
        step = event.get("step") or {}
        is_work = "failure" not in (event.get("parameters") or {}) and "failure" not in event
        if step.get("id") != no_op.step or step.get("undo") or not is_work or name == "record_failure":
            return handler(event, context)
        return idle(event, context)

    return choose


def _make_idle_handler(own: Any, results: Results) -> Handler:
    model: type[BaseModel] = own.event_model

    def report(event: Any, _context: Any) -> PollResult:
        return results.get(event.step.id, _UNKNOWN)

    report.__module__ = own.__module__
    return task(model, requires_lock=False)(report)


def _approve_unasked(event: dict[str, Any], _context: Any) -> Any:
    """Approve without asking an operator."""
    answer = '{"decision": "approve", "by": "nobody", "reason": "nobody was asked"}'
    client("stepfunctions", event["run"]["target"]).send_task_success(taskToken=event["token"], output=answer)
    return DetailResult(detail="asked").model_dump(mode="json")
