"""Plays a run during outages of ten minutes, each from right before a step first calls the service."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta

from leeward.control.journal.run_journal import JournalEvent
from leeward.rehearsal.dependencies.clean_run import RUN_INPUT, is_task, open_session_at_start
from leeward.rehearsal.dependencies.patient_operator import PatientOperator
from leeward.rehearsal.processes.forked_calls import call_in_forks
from leeward.rehearsal.processes.silent_output import stdout_silenced
from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.runner.single_rehearsal import PreparedRehearsal, play_run, prepare_rehearsal
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.twin.interception import SERVICE_FAULTS
from tests.support.paths import REPOSITORY

OUTAGE = timedelta(minutes=10)
SEED = 7
_BEFORE = timedelta(seconds=1)
_TRIAL_TIMEOUT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class ShortOutage:
    """An outage that begins right before the first call of `step`, `after_seconds` after the run's start."""

    service: str
    region: str
    step: str
    after_seconds: float

    def __str__(self) -> str:
        return f"{self.service} in {self.region} from {self.step!r} on"


@dataclass(frozen=True, slots=True)
class OutageEnd:
    """How the run ended. `questions` are the texts of what it asked about failed steps."""

    outcome: str
    cause: str
    questions: list[str]
    failed_calls: int

    @property
    def has_succeeded(self) -> bool:
        """Return whether the run succeeded."""
        return self.outcome == ExecutionOutcome.SUCCEEDED.value


def play_short_outages(
    application: str, runbook: str, services: Collection[str], *, first_steps_only: bool, jobs: int = 1
) -> dict[ShortOutage, OutageEnd]:
    """Return the end of each run, by outage. With `first_steps_only`, play one outage of each service in a Region."""
    prepared = prepare_rehearsal(REPOSITORY, application, runbook)
    ends: dict[ShortOutage, OutageEnd] = {}

    def add(outage: ShortOutage, text: str | None) -> None:
        assert text is not None, f"{outage}: the process ended without a result"
        ends[outage] = OutageEnd(**json.loads(text))

    with stdout_silenced():
        outages = list(_plan(prepared, services, first_steps_only=first_steps_only))
        with open_session_at_start(prepared, SEED) as session:
            call_in_forks(
                lambda outage: json.dumps(asdict(_play(session, prepared, outage))),
                outages,
                jobs,
                add,
                timeout_seconds=_TRIAL_TIMEOUT_SECONDS,
                fork=session.engine.fork,
            )
    return ends


def _plan(prepared: PreparedRehearsal, services: Collection[str], *, first_steps_only: bool) -> Iterator[ShortOutage]:
    """Play the run without an outage, and yield the outages of the services that its steps call."""
    with open_session_at_start(prepared, SEED) as session:
        count = len(session.engine.interceptor.calls)
        run, result = play_run(session, prepared.ready, "run", RUN_INPUT)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        steps = {state: step.name for step in prepared.ready.compiled.steps for state in step.states}
        calls = [call for call in session.engine.interceptor.calls[count:] if is_task(call.caller)]
    planned: set[tuple[str, ...]] = set()
    for call in calls:
        step = steps.get(call.state, "")
        key = (call.service, call.region) if first_steps_only else (call.service, call.region, step)
        if call.service in services and step and key not in planned:
            planned.add(key)
            after = call.at - _BEFORE - run.started_at
            yield ShortOutage(call.service, call.region, step, max(0, after.total_seconds()))


def _play(session: RehearsalSession, prepared: PreparedRehearsal, outage: ShortOutage) -> OutageEnd:
    start = session.engine.clock.now() + timedelta(seconds=outage.after_seconds)
    fault = SERVICE_FAULTS["server-error"]
    scheduled = session.engine.interceptor.schedule_service_outage(
        outage.service, outage.region, fault, start, start + OUTAGE
    )
    operator = PatientOperator(session, start + OUTAGE)
    run, result = play_run(session, prepared.ready, "run", RUN_INPUT, on_start=operator.watch)
    asked = [entry for entry in session.journals.journal(run) if entry.event is JournalEvent.QUESTION_ASKED]
    cause = "" if result.outcome is ExecutionOutcome.SUCCEEDED else " ".join((result.cause or "").split())
    return OutageEnd(
        outcome=result.outcome.value,
        cause=cause,
        questions=[entry.detail for entry in asked],
        failed_calls=scheduled.met,
    )
