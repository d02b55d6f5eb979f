"""The simulated operator on call, who answers a run's open questions after a delay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leeward.common.aws.tables.state_table import StateTable
from leeward.common.errors import LeewardError, Refused
from leeward.control.approvals.questions import (
    OperatorDecision,
    Question,
    QuestionKind,
    answer_question,
    open_questions,
)
from leeward.control.journal.run_journal import Journal
from leeward.rehearsal.scenarios import scenario_documents
from leeward.twin.engine import Engine


class SimulatedOperator:
    """Answers the questions of one run in `region`. With `silence`, the question's default decision applies."""

    def __init__(
        self, engine: Engine, settings: scenario_documents.OperatorSettings, region: str, table: str, run_id: str
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._region = region
        self._table = StateTable(engine.client("dynamodb", region), table)
        self._run_id = run_id

    def change_settings(self, settings: scenario_documents.OperatorSettings) -> None:
        """Use other settings from now on."""
        self._settings = settings

    def on_history_event(self, event: Mapping[str, Any]) -> None:
        """Schedule an answer if the event is a question, which is a task that waits for a task token."""
        details = event.get("taskScheduledEventDetails") or {}
        if str(details.get("resource", "")).endswith(".waitForTaskToken"):
            self._engine.clock.call_later(
                self._settings.answers_after.total_seconds(), self._answer_all, name="operator"
            )

    def _answer_all(self) -> None:
        for question in open_questions(self._table, self._run_id):
            decision = self._settings.approval if question.kind is QuestionKind.APPROVAL else self._settings.failure
            if decision != "silence":
                self._answer(question, decision)

    def _answer(self, question: Question, decision: str) -> None:
        choice = OperatorDecision(decision=decision, by=self._settings.name, reason="as the scenario says")
        journal = Journal(self._table, self._run_id, "operator")
        try:
            answer_question(
                self._table,
                self._run_id,
                choice,
                deliver=self._send_task_success,
                journal=journal,
                now=self._engine.clock.now(),
                key=question.key,
            )
        except LeewardError:
            # The run stopped waiting before the answer. A real operator would get this error and do nothing.
            return

    def _send_task_success(self, token: str, decision: OperatorDecision) -> None:
        client = self._engine.client("stepfunctions", self._region)
        try:
            client.send_task_success(taskToken=token, output=decision.model_dump_json())
        except client.exceptions.TaskTimedOut as error:
            raise Refused(str(error)) from error
