"""Checks of claims about users and data. Each function returns what is wrong, or None."""

from __future__ import annotations

import re

from leeward.common.claims.types.data_claims import Arrived, Fenced, ReplicasReady
from leeward.common.claims.types.traffic_claims import (
    ControlsSwitched,
    Deregistered,
    PagesServed,
    Registered,
    ServiceSwitched,
    TransactionServed,
    WeightsSet,
)
from leeward.rehearsal.assessment.claims.claim_evidence import ClaimEvidence

_WEIGHT = re.compile(r"(\S+) (\d+)(?:,|$)")


def check_controls(claim: ControlsSwitched, evidence: ClaimEvidence) -> str | None:
    """Check the state of each routing control."""
    states = evidence.observation.controls
    wrong = [f"{arn} is not on" for arn in claim.on if states.get(arn) != "On"]
    wrong += [f"{arn} is not off" for arn in claim.off if states.get(arn) != "Off"]
    return "; ".join(wrong) or None


def check_weights(claim: WeightsSet, evidence: ClaimEvidence) -> str | None:
    """Check the weight of each record."""
    claimed = {name: int(weight) for name, weight in _WEIGHT.findall(claim.weights)}
    weights = evidence.observation.weights
    wrong = [f"the weight of {name} is {weights.get(name)}" for name in claimed if weights.get(name) != claimed[name]]
    return "; ".join(wrong) or None


def check_switch(claim: ServiceSwitched | Fenced, evidence: ClaimEvidence) -> str | None:
    """Check each copy of the Region's switch, except in a Region that doesn't respond."""
    if claim.deferred_for is not None and not evidence.has_failed_call(claim.deferred_for):
        return f"no call to {claim.deferred_for} failed"
    health = claim.health if isinstance(claim, ServiceSwitched) else None
    wrong = [
        f"{reader} has {claim.region} as {state.health} and {state.writes}"
        for (region, reader), state in sorted(evidence.observation.switches.items())
        if region == claim.region
        and reader != claim.deferred_for
        and not (health in (None, state.health) and claim.writes in (None, state.writes))
    ]
    return "; ".join(wrong) or None


def check_registered(claim: Registered, evidence: ClaimEvidence) -> str | None:
    """Check that each instance receives requests."""
    wrong = set(claim.instances) - evidence.observation.healthy.get(claim.target_group, frozenset())
    return f"{', '.join(sorted(wrong))} is not a healthy target of {claim.name}" if wrong else None


def check_deregistered(claim: Deregistered, evidence: ClaimEvidence) -> str | None:
    """Check that no instance is a target."""
    wrong = set(claim.instances) & evidence.observation.registered.get(claim.target_group, frozenset())
    return f"{', '.join(sorted(wrong))} is still a target of {claim.name}" if wrong else None


def check_pages(_claim: PagesServed, evidence: ClaimEvidence) -> str | None:
    """Check that the Region of the pages serves: that of the endpoint, or one that the public name leads to."""
    return _check_service(None, evidence)


def check_transaction(claim: TransactionServed, evidence: ClaimEvidence) -> str | None:
    """Check that the Region of the API serves, and that the canary signed in."""
    if not evidence.has_called("secretsmanager:GetSecretValue", "cognito-idp:InitiateAuth"):
        return "no transaction was sent: the canary did not sign in"
    return _check_service(claim.region, evidence)


def check_arrived(claim: Arrived, evidence: ClaimEvidence) -> str | None:
    """Check that markers were read, and that the Region has every write from before the step."""
    observation = evidence.observation
    for (table, region), since in sorted(observation.pending_since.items()):
        if region == claim.region and since < observation.began_at:
            return f"{claim.region} lacks writes to {table} from {since:%H:%M:%S} on"
    return None if evidence.has_called("dynamodb:BatchGetItem") else "no marker was read"


def check_replicas(claim: ReplicasReady, evidence: ClaimEvidence) -> str | None:
    """Check that the table was inspected and has replicas in two Regions."""
    if len(evidence.observation.replicas.get(claim.table, ())) < 2:  # noqa: PLR2004 - a Region and its replica
        return f"{claim.table} has no replica in another Region"
    return None if evidence.has_called("dynamodb:DescribeTable") else f"{claim.table} was not inspected"


def _check_service(region: str | None, evidence: ClaimEvidence) -> str | None:
    """Check that the Region of the endpoint serves, or else the claimed one, or one that the public name leads to."""
    observation = evidence.observation
    named = {place for host in observation.hosts if (place := evidence.region_of(host)) is not None}
    regions = named or ({region} if region else observation.routed)
    if regions & observation.serving:
        return None
    return f"{' or '.join(sorted(regions))} did not serve" if regions else "the public name led to no Region"
