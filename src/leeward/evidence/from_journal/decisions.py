"""Who decided what: people's answers, what silence decided, what documents or the run's input decided beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import JournalEvent
from leeward.control.run.run_reference import RunbookStep, RunRef
from leeward.evidence.model import RecordedDecision

_BY_RUN_INPUT = "the run's input"


def list_decisions(run: RunRef, steps: Sequence[RunbookStep], links: Sequence[ChainedEntry]) -> list[RecordedDecision]:
    """Every decision, in the journal's order."""
    names = {step.id: step.name for step in steps}
    return [
        decision for link in links for decision in _read_decisions(run, link, names.get(link.step or "", link.step))
    ]


def _read_decisions(run: RunRef, link: ChainedEntry, step: str | None) -> Iterator[RecordedDecision]:
    facts = link.facts

    def made(by: object, what: str, reason: object = "") -> RecordedDecision:
        return RecordedDecision(at=link.at, by=str(by), what=what, reason=str(reason), step=step, seq=link.seq)

    match link.event:
        case JournalEvent.RUN_BEGAN:
            yield from (made(_BY_RUN_INPUT, what, run.reason or "") for what in _list_input_decisions(run))
        case JournalEvent.QUESTION_ANSWERED:
            yield made(facts.get("by", "unknown"), str(facts.get("decision", "")), facts.get("reason", ""))
        case JournalEvent.QUESTION_LAPSED:
            yield made("nobody: silence", str(facts.get("decision", "")), link.detail)
        case JournalEvent.DATA_LOSS_ACCEPTED:
            yield made(_BY_RUN_INPUT, "data loss accepted", link.detail)
        case JournalEvent.RUN_RESUMED:  # who it was is in CloudTrail, by the same time
            yield made("who redrove the execution", "to go on", link.detail)
        case JournalEvent.LOCK_TAKEN_OVER:
            yield made(_BY_RUN_INPUT, "the lock taken over", link.detail)
        case JournalEvent.STEP_FAILED if "policy" in facts:
            yield made("the runbook", f"policy {facts['policy']}", link.detail)
        case JournalEvent.STEP_DONE if facts.get("overridden"):
            yield made("the runbook", "safety rules overridden", link.detail)
        case _ if link.event in ("lock.waived", "step.skipped") or link.event.endswith(".waived"):
            yield made(_BY_RUN_INPUT, link.event.replace(".", " "), link.detail)


def _list_input_decisions(run: RunRef) -> Iterator[str]:
    if run.approved:
        yield "approved beforehand"
    if run.accept_data_loss:
        yield "data loss accepted beforehand"
    if run.take_over:
        yield f"to take over from {run.take_over}"
    if run.point_in_time:
        yield f"to recover to {run.point_in_time:%Y-%m-%d %H:%M:%S} UTC"
