"""The simulated person on call: reads the run's open questions and answers them after a while, as a person would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leeward.common.errors import LeewardError, Refused
from leeward.common.table import Table
from leeward.control.journal import Journal
from leeward.control.questions import Decision, Kind, Question, answer, open_questions
from leeward.twin.engine import Engine
from leeward.twin.world import documents


class Operator:
    """Watches one run in `region`. `silence` leaves a question open, so that its default decides."""

    def __init__(self, engine: Engine, told: documents.Operator, region: str, table: str, run_id: str) -> None:
        self._engine = engine
        self._told = told
        self._region = region
        self._table = Table(engine.client("dynamodb", region), table)
        self._run = run_id

    def hand_over(self, told: documents.Operator) -> None:
        """Somebody else is on call."""
        self._told = told

    def observe(self, event: Mapping[str, Any]) -> None:
        """A history event of the run: one that waits for a task token is a question, answered after a while."""
        details = event.get("taskScheduledEventDetails") or {}
        if str(details.get("resource", "")).endswith(".waitForTaskToken"):
            self._engine.clock.later(self._told.answers_after.total_seconds(), self._answer_all, name="operator")

    def _answer_all(self) -> None:
        for question in open_questions(self._table, self._run):
            decision = self._told.approval if question.kind is Kind.APPROVAL else self._told.failure
            if decision != "silence":
                self._answer(question, decision)

    def _answer(self, question: Question, decision: str) -> None:
        choice = Decision(decision=decision, by=self._told.name, reason="as the scenario says")
        journal = Journal(self._table, self._run, "operator")
        try:
            answer(
                self._table,
                self._run,
                choice,
                deliver=self._deliver,
                journal=journal,
                now=self._engine.clock.now(),
                key=question.key,
            )
        except LeewardError:
            # The run stopped waiting before the answer came: a person would be told so, and leave it there.
            return

    def _deliver(self, token: str, decision: Decision) -> None:
        client = self._engine.client("stepfunctions", self._region)
        try:
            client.send_task_success(taskToken=token, output=decision.model_dump_json())
        except client.exceptions.TaskTimedOut as error:
            raise Refused(str(error)) from error
