"""The operator of an outage: waits for the service by answering `retry`, and skips a step when this can't help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from leeward.control.approvals.questions import QuestionKind
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.evidence.dependencies.dependency_table import FailureQuestion
from leeward.rehearsal.scenarios.scenario_documents import FailureAnswer
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun


class PatientOperator:
    """Decides what the simulated operator answers about a failed step.

    While an outage lasts that will end, the answer is `retry`. Otherwise the first answer about each step is `retry`,
    and every later one is `skip`.
    """

    def __init__(self, session: RehearsalSession, outage_ends_at: datetime | None) -> None:
        self._session, self._outage_ends_at = session, outage_ends_at
        self._settings = session.scenario.operator
        self._steps_by_state: dict[str, str] = {}
        self._retried: Counter[str] = Counter()
        self._execution, self._step = "", ""
        session.engine.add_event_listener(self._on_history_event)

    def watch(self, run: RehearsedRun) -> None:
        """Answer the questions of this run."""
        self._execution = run.execution
        self._steps_by_state = {state: step.id for step in run.ready.compiled.steps for state in step.states}

    def decide(self, step: str, now: datetime) -> FailureAnswer:
        """Return the answer to a question about this step, asked now."""
        answered_at = now + self._settings.answers_after
        if self._outage_ends_at is not None and answered_at < self._outage_ends_at:
            return "retry"
        self._retried[step] += 1
        return "retry" if self._retried[step] == 1 else "skip"

    def _on_history_event(self, execution: str, event: Mapping[str, Any]) -> None:
        if execution != self._execution:
            return
        if str(event["type"]).endswith("StateEntered"):
            state = str(event["stateEnteredEventDetails"]["name"])
            self._step = self._steps_by_state.get(state, self._step)
        details = event.get("taskScheduledEventDetails") or {}
        if str(details.get("resource", "")).endswith(".waitForTaskToken"):
            answer = self.decide(self._step, self._session.engine.clock.now())
            self._session.set_operator(self._settings.model_copy(update={"failure": answer}))


def list_questions(journal: list[JournalEntry], names_by_step: Mapping[str, str]) -> list[FailureQuestion]:
    """Return what the run asked about each failed step, from its journal."""
    asked: Counter[str] = Counter()
    answers: Counter[tuple[str, str]] = Counter()
    for entry in journal:
        step = entry.step or ""
        if entry.facts.get("kind") != QuestionKind.FAILURE:
            continue
        asked[step] += entry.event is JournalEvent.QUESTION_ASKED
        if entry.event is JournalEvent.QUESTION_ANSWERED:
            answers[step, str(entry.facts.get("decision"))] += 1
    return [
        FailureQuestion(
            step=names_by_step.get(step, step),
            asked=count,
            retries=answers[step, "retry"],
            skips=answers[step, "skip"],
        )
        for step, count in asked.items()
        if count
    ]
