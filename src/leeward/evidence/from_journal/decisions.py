"""Lists the decisions of a run: operators' answers, defaults that applied, and decisions of documents and the input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leeward.common.claims.all_claims import find_claims
from leeward.common.claims.types.traffic_claims import ControlsSwitched
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import JournalEvent
from leeward.control.run.run_reference import RunbookStep, RunRef
from leeward.evidence.model import RecordedDecision

_BY_RUN_INPUT = "the run's input"


def list_decisions(run: RunRef, steps: Sequence[RunbookStep], links: Sequence[ChainedEntry]) -> list[RecordedDecision]:
    """Return every decision, in the journal's order."""
    names = {step.id: step.name for step in steps}
    return [
        decision for link in links for decision in _read_decisions(run, link, names.get(link.step or "", link.step))
    ]


def _read_decisions(run: RunRef, link: ChainedEntry, step: str | None) -> Iterator[RecordedDecision]:
    facts = link.facts

    def decision(by: object, what: str, reason: object = "") -> RecordedDecision:
        return RecordedDecision(at=link.at, by=str(by), what=what, reason=str(reason), step=step, seq=link.seq)

    match link.event:
        case JournalEvent.RUN_BEGAN:
            yield from (decision(_BY_RUN_INPUT, what, run.reason or "") for what in _list_input_decisions(run))
        case JournalEvent.QUESTION_ANSWERED:
            yield decision(facts.get("by", "unknown"), str(facts.get("decision", "")), facts.get("reason", ""))
        case JournalEvent.QUESTION_LAPSED:
            yield decision("no one answered", str(facts.get("decision", "")), link.detail)
        case JournalEvent.DATA_LOSS_ACCEPTED:
            yield decision(_BY_RUN_INPUT, "data loss accepted", link.detail)
        case JournalEvent.RUN_RESUMED:  # CloudTrail has the identity, at the same time
            yield decision("the operator who redrove the execution", "run resumed", link.detail)
        case JournalEvent.LOCK_TAKEN_OVER:
            yield decision(_BY_RUN_INPUT, "lock taken over", link.detail)
        case JournalEvent.STEP_FAILED if "policy" in facts:
            yield decision("the runbook", f"policy {facts['policy']}", link.detail)
        case JournalEvent.STEP_DONE if any(c.overridden for c in find_claims(facts, ControlsSwitched)):
            yield decision("the runbook", "safety rules overridden", link.detail)
        case _ if link.event in ("lock.waived", "step.skipped") or link.event.endswith(".waived"):
            yield decision(_BY_RUN_INPUT, link.event.replace(".", " "), link.detail)


def _list_input_decisions(run: RunRef) -> Iterator[str]:
    if run.approved:
        yield "approved beforehand"
    if run.accept_data_loss:
        yield "data loss accepted beforehand"
    if run.take_over:
        yield f"take over from {run.take_over}"
    if run.point_in_time:
        yield f"recover to {run.point_in_time:%Y-%m-%d %H:%M:%S} UTC"
