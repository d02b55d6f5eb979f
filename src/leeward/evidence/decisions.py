"""Who decided what: people's answers, what silence decided, what documents or the run's input decided beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leeward.control.chain import Link
from leeward.control.journal import Event
from leeward.control.run import RunRef, StepName
from leeward.evidence.model import Decision

_INPUT = "the run's input"


def decisions_of(run: RunRef, steps: Sequence[StepName], links: Sequence[Link]) -> list[Decision]:
    """Every decision, in the journal's order."""
    names = {step.id: step.name for step in steps}
    return [decision for link in links for decision in _of(run, link, names.get(link.step or "", link.step))]


def _of(run: RunRef, link: Link, step: str | None) -> Iterator[Decision]:
    facts = link.facts

    def made(by: object, what: str, reason: object = "") -> Decision:
        return Decision(at=link.at, by=str(by), what=what, reason=str(reason), step=step, seq=link.seq)

    match link.event:
        case Event.RUN_BEGAN:
            yield from (made(_INPUT, what, run.reason or "") for what in _given(run))
        case Event.QUESTION_ANSWERED:
            yield made(facts.get("by", "unknown"), str(facts.get("decision", "")), facts.get("reason", ""))
        case Event.QUESTION_LAPSED:
            yield made("nobody: silence", str(facts.get("decision", "")), link.detail)
        case Event.DATA_LOSS_ACCEPTED:
            yield made(_INPUT, "data loss accepted", link.detail)
        case Event.RUN_RESUMED:  # who it was is in CloudTrail, by the same time
            yield made("who redrove the execution", "to go on", link.detail)
        case Event.LOCK_TAKEN_OVER:
            yield made(_INPUT, "the lock taken over", link.detail)
        case Event.STEP_FAILED if "policy" in facts:
            yield made("the runbook", f"policy {facts['policy']}", link.detail)
        case Event.STEP_DONE if facts.get("overridden"):
            yield made("the runbook", "safety rules overridden", link.detail)
        case _ if link.event in ("lock.waived", "step.skipped") or link.event.endswith(".waived"):
            yield made(_INPUT, link.event.replace(".", " "), link.detail)


def _given(run: RunRef) -> Iterator[str]:
    if run.approved:
        yield "approved beforehand"
    if run.accept_data_loss:
        yield "data loss accepted beforehand"
    if run.take_over:
        yield f"to take over from {run.take_over}"
    if run.point_in_time:
        yield f"to recover to {run.point_in_time:%Y-%m-%d %H:%M:%S} UTC"
