"""Operator faults: other answers of the simulated operator than in the run without faults."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from leeward.control.approvals.questions import QuestionKind
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.rehearsal.scenarios.scenario_documents import OperatorSettings
from leeward.rehearsal.sweep.faults.planned_faults import OperatorFaultMode, PlannedFault

# The answers to each kind of question.
_ANSWERS: Mapping[OperatorFaultMode, Mapping[QuestionKind, str]] = {
    OperatorFaultMode.REJECTS: {QuestionKind.APPROVAL: "reject"},
    OperatorFaultMode.SILENT: {QuestionKind.APPROVAL: "silence", QuestionKind.FAILURE: "silence"},
    OperatorFaultMode.RETRIES: {QuestionKind.FAILURE: "retry"},
    OperatorFaultMode.SKIPS: {QuestionKind.FAILURE: "skip"},
}


def apply_operator_faults(settings: OperatorSettings, faults: Sequence[PlannedFault]) -> OperatorSettings:
    """Return the operator's settings with the operator faults applied."""
    for fault in faults:
        if fault.point_kind == "operator":
            answers = _ANSWERS[OperatorFaultMode(fault.mode)]
            settings = settings.model_copy(update={kind.value: answer for kind, answer in answers.items()})
    return settings


def find_asked_questions(journal: Sequence[JournalEntry]) -> frozenset[QuestionKind]:
    """Return the kinds of questions that a run has asked, from its journal."""
    asked = [entry.facts.get("kind") for entry in journal if entry.event is JournalEvent.QUESTION_ASKED]
    return frozenset(kind for kind in QuestionKind if kind in asked)


def has_changed_answer(fault: PlannedFault, normal: OperatorSettings, asked: Collection[QuestionKind]) -> bool:
    """Return whether the operator was asked a question that the fault answers differently from `normal`."""
    answers = _ANSWERS[OperatorFaultMode(fault.mode)]
    return any(kind in asked and answer != getattr(normal, kind.value) for kind, answer in answers.items())
