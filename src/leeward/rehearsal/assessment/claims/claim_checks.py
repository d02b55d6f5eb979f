"""Compares each claim of a run with the observation of its step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from leeward.common.claims.all_claims import read_claims
from leeward.common.claims.types.claim import Claim
from leeward.common.claims.types.data_claims import Arrived, Fenced, ReplicasReady
from leeward.common.claims.types.run_claims import Locked, Notified, Ready, Unsent
from leeward.common.claims.types.server_claims import Deferred, Launched, Protected, Replicating, Reversed, Terminated
from leeward.common.claims.types.traffic_claims import (
    ControlsSwitched,
    Deregistered,
    PagesServed,
    Registered,
    ServiceSwitched,
    TransactionServed,
    WeightsSet,
)
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.rehearsal.assessment.claims import server_claim_checks, traffic_claim_checks
from leeward.rehearsal.assessment.claims.claim_evidence import ClaimEvidence
from leeward.rehearsal.assessment.claims.server_claim_checks import LAG_TOLERANCE_SECONDS
from leeward.rehearsal.invariants.run_record import CheckedClaim
from leeward.rehearsal.observations.step_observations import StepObservation

# A task journals its result, and then returns it. A function that was killed in between returns nothing.
_LONGEST_RETURN = timedelta(seconds=75)


MakeEvidence = Callable[[StepObservation], ClaimEvidence]


def check_claims(
    journal: Sequence[JournalEntry], observations: Sequence[StepObservation], make_evidence: MakeEvidence
) -> list[CheckedClaim]:
    """Return each claim of a step that was done and observed."""
    return [*_check_results(journal, observations, make_evidence), *_check_questions(journal, observations)]


def check_claim(claim: Claim, evidence: ClaimEvidence) -> str | None:
    """Return what is wrong with a claim, or None. Claims of plug-ins are of a type that can't be checked."""
    check = _CHECKS.get(type(claim))
    return check(claim, evidence) if check is not None else None


def _check_results(
    journal: Sequence[JournalEntry], observations: Sequence[StepObservation], make_evidence: MakeEvidence
) -> Iterator[CheckedClaim]:
    for entry in journal:
        if entry.event is not JournalEvent.STEP_DONE or entry.facts.get("undone"):
            continue
        observed = next(
            (o for o in observations if o.step == entry.step and entry.at <= o.at <= entry.at + _LONGEST_RETURN), None
        )
        for claim in read_claims(entry.facts) if observed is not None else ():
            if observed is not None and type(claim) in _CHECKS:
                problem = check_claim(claim, make_evidence(observed))
                yield CheckedClaim(observed.step, claim.text, problem)


def _check_questions(
    journal: Sequence[JournalEntry], observations: Sequence[StepObservation]
) -> Iterator[CheckedClaim]:
    asked = {entry.step for entry in journal if entry.event is JournalEvent.QUESTION_ASKED}
    for step in sorted({observation.step for observation in observations if observation.asked}):
        yield CheckedClaim(step, "an operator was asked", None if step in asked else "no operator was asked")


def _check_locked(claim: Locked, evidence: ClaimEvidence) -> str | None:
    if claim.waived_in is not None or evidence.observation.lock_holder == evidence.run:
        return None
    return f"{evidence.observation.lock_holder or 'no run'} holds the lock"


def _check_notified(_claim: Notified, evidence: ClaimEvidence) -> str | None:
    return None if evidence.has_called("sns:Publish") else "no message was sent"


def _check_unsent(_claim: Unsent, evidence: ClaimEvidence) -> str | None:
    return None if evidence.has_failed_operation("sns:Publish") else "no message failed to be sent"


def _check_ready(claim: Ready, evidence: ClaimEvidence) -> str | None:
    """Check the routing controls, and that each server's best copy is as current as the claim says."""
    observation = evidence.observation
    for arn, state in claim.routing_controls.items():
        if observation.controls.get(arn, state) != state:
            return f"{arn} is {observation.controls[arn]}"
    if claim.loss_seconds and not evidence.has_called("drs:DescribeSourceServers"):
        return "no source server was inspected"
    if claim.worst_loss_seconds is None:
        return None
    loss_ends_at = min(evidence.loss_ends_at or observation.at, observation.at)
    for name in sorted(evidence.names_of(claim.loss_seconds)):
        times = [
            copy.data_time
            for copies in observation.copies.values()
            for copy in copies.values()
            if copy.name == name and copy.data_time is not None
        ]
        if not times:
            return f"{name} has no recovery point"
        loss = (loss_ends_at - max(times)).total_seconds()
        if loss > claim.worst_loss_seconds + LAG_TOLERANCE_SECONDS:
            return f"the newest copy of {name} lacks {loss:,.0f} s of data"
    return None


_CHECKS: Mapping[type[Claim], Callable[[Any, ClaimEvidence], str | None]] = {
    Arrived: traffic_claim_checks.check_arrived,
    ControlsSwitched: traffic_claim_checks.check_controls,
    Deferred: server_claim_checks.check_deferred,
    Deregistered: traffic_claim_checks.check_deregistered,
    Fenced: traffic_claim_checks.check_switch,
    Launched: server_claim_checks.check_launched,
    Locked: _check_locked,
    Notified: _check_notified,
    PagesServed: traffic_claim_checks.check_pages,
    Protected: server_claim_checks.check_protected,
    Ready: _check_ready,
    Registered: traffic_claim_checks.check_registered,
    ReplicasReady: traffic_claim_checks.check_replicas,
    Replicating: server_claim_checks.check_replicating,
    Reversed: server_claim_checks.check_reversed,
    ServiceSwitched: traffic_claim_checks.check_switch,
    Terminated: server_claim_checks.check_terminated,
    TransactionServed: traffic_claim_checks.check_transaction,
    Unsent: _check_unsent,
    WeightsSet: traffic_claim_checks.check_weights,
}
