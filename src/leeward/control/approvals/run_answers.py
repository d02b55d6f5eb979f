"""Decides whether an operator may answer a run's question, and records the answer or the refusal.

The operator's identity is already verified (`control.approvals.caller_identity`). Every refusal is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from leeward.common.aws.tables.state_table import StateTable
from leeward.common.errors import InvalidInput, NotFound, Permanent, Refused
from leeward.control.approvals import approval_policy, questions
from leeward.control.approvals.caller_identity import CallerIdentity
from leeward.control.approvals.questions import OperatorDecision, Question
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from leeward.control.outcome.run_end_state import end_entry
from leeward.control.run import step_scratchpad

# The key of the note that keeps the identity of the operator who started the run.
_STARTER_NOTE = "starter"


@dataclass(frozen=True, slots=True)
class RunAnswer:
    """What an operator asks for: a decision on one of the run's questions. `question` is the question's key."""

    decision: str
    reason: str
    question: str | None


@dataclass(frozen=True)
class RunAnswers:
    """Accepts or refuses the answers to one run's questions. `clock` returns the current time."""

    run: str
    region: str
    table: StateTable
    journal: Journal
    clock: Callable[[], datetime]

    def record_starter(self, caller: CallerIdentity) -> None:
        """Record that `caller` started the run, so that they can't approve it. The first signature counts.

        Raises NotFound when there is no such run, Refused when it has ended or is already signed.
        """
        self._require_run_in_progress()
        if not step_scratchpad.write_note_once(
            self.table, self.run, _STARTER_NOTE, caller.model_dump_json(by_alias=True)
        ):
            raise Refused(f"run {self.run} is already signed")
        detail, facts = f"{caller.arn} started the run", {"by": caller.arn}
        self.journal.write(JournalEntry(self.clock(), JournalEvent.RUN_SIGNED, detail, facts=facts))

    def give(
        self, answer: RunAnswer, caller: CallerIdentity, deliver: Callable[[str, OperatorDecision], None]
    ) -> Question | str:
        """Answer the question. `deliver` passes the task token and the decision to the waiting state.

        Returns the answered question. If the runbook requires two approvals and this is the first, returns why another
        is required. Raises InvalidInput, NotFound, or Refused when the answer doesn't count.
        """
        self._require_run_in_progress()
        if answer.question is None:
            raise self._missing_question_error()
        question = questions.find_question(self.table, self.run, answer.question)
        if question is None:
            raise NotFound(f"run {self.run} has no question {answer.question}")
        if question.answer is None and answer.decision in question.choices:
            ruling = self._rule_on(question, answer.decision, caller)
            if not ruling.is_sufficient:
                self._record_first_approval(question, answer, caller, ruling.reason)
                return ruling.reason
        decision = OperatorDecision(decision=answer.decision, by=caller.arn, reason=answer.reason)
        return questions.answer_question(
            self.table, self.run, decision, deliver=deliver, journal=self.journal, now=self.clock(), key=answer.question
        )

    def record_refusal(
        self, answer: RunAnswer, caller: CallerIdentity | None, refusal: Permanent, request_id: str
    ) -> None:
        """Record a refused answer. `caller` is None when the identity could not be verified."""
        name = caller.arn if caller is not None else "a caller whose identity was not verified"
        detail = f"{name} answered {answer.decision!r} and was refused: {type(refusal).__name__}: {refusal}"
        facts = {"by": caller.arn if caller else None, "decision": answer.decision, "reason": answer.reason}
        if self.journal.entries():
            self.journal.write(JournalEntry(self.clock(), JournalEvent.ANSWER_REFUSED, detail, facts=facts))
            return
        # A run that doesn't exist gets no journal: invented run ids must not create one each.
        at = self.clock().isoformat()
        self.table.put({"pk": f"REFUSED#{at[:10]}", "sk": f"{at}#{request_id}", "run": self.run, "detail": detail})

    def _require_run_in_progress(self) -> None:
        entries = self.journal.entries()
        if not entries:
            raise NotFound(f"there is no run {self.run} in {self.region}")
        ended = end_entry(entries)
        if ended is not None:
            raise Refused(f"run {self.run} ended at {ended.at:%Y-%m-%d %H:%M:%S} UTC and no longer waits for an answer")

    def _missing_question_error(self) -> Permanent:
        """Return why an answer without a question is refused: it could reach a newer question than the one meant."""
        last = questions.latest_question(self.table, self.run)
        if last is None:
            return NotFound(f"run {self.run} has not asked a question")
        if last.answer is None:
            return InvalidInput(f"the answer names no question of run {self.run}. The open question is {last.key}")
        answer = last.answer
        return Refused(
            f"run {self.run} has no open question: {last.key} was already answered, {answer.decision} by {answer.by}"
        )

    def _rule_on(self, question: Question, decision: str, caller: CallerIdentity) -> approval_policy.ApprovalRuling:
        """Apply the approval policy. Of two simultaneous first approvals, one is recorded and the other is second."""
        key, starter = f"first-{question.key}", self._read_identity(_STARTER_NOTE)

        def rule() -> approval_policy.ApprovalRuling:
            first = self._read_identity(key)
            return approval_policy.rule_on_approval(
                question, decision, caller, starter=starter, first_approver=first, now=self.clock()
            )

        ruling = rule()
        if ruling.is_sufficient:
            return ruling
        is_first = step_scratchpad.write_note_once(self.table, self.run, key, caller.model_dump_json(by_alias=True))
        return ruling if is_first else rule()

    def _record_first_approval(
        self, question: Question, answer: RunAnswer, caller: CallerIdentity, reason: str
    ) -> None:
        detail = f"{caller.arn} approved: {answer.reason}; {reason}"
        facts = {"by": caller.arn, "reason": answer.reason}
        self.journal.write(
            JournalEntry(self.clock(), JournalEvent.APPROVAL_FIRST, detail, question.step, question.attempt, facts)
        )

    def _read_identity(self, key: str) -> CallerIdentity | None:
        text = step_scratchpad.read_note(self.table, self.run, key)
        return None if text is None else CallerIdentity.model_validate_json(text)
