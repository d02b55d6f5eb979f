"""Checks of claims about servers. Each function returns what is wrong, or None."""

from __future__ import annotations

from leeward.common.claims.types.server_claims import Deferred, Launched, Protected, Replicating, Reversed, Terminated
from leeward.rehearsal.assessment.claims.claim_evidence import ClaimEvidence

# A task reads the lag, and the world is observed up to a few seconds later. DRS reports lag in whole seconds.
LAG_TOLERANCE_SECONDS = 60
_IN_STEP = "CONTINUOUS"


def check_launched(claim: Launched, evidence: ClaimEvidence) -> str | None:
    """Check that each instance that was launched runs."""
    missing = sorted(i for i in claim.instances.values() if not evidence.is_running(claim.region, i))
    return f"{', '.join(missing)} of {claim.group} does not run in {claim.region}" if missing else None


def check_protected(claim: Protected, evidence: ClaimEvidence) -> str | None:
    """Check the termination protection of each instance that still exists."""
    protection = {
        instance: found.is_protected
        for instances in evidence.observation.instances.values()
        for instance, found in instances.items()
    }
    wrong = sorted(i for i in claim.instances if protection.get(i, False) != claim.on)
    return f"the termination protection of {', '.join(wrong)} is not {'on' if claim.on else 'off'}" if wrong else None


def check_reversed(claim: Reversed, evidence: ClaimEvidence) -> str | None:
    """Check that each source server in the other Region copies the instance that the claim names."""
    copies = evidence.observation.copies.get(claim.to_region, {})
    wrong = sorted(
        instance
        for instance, server in claim.machines.items()
        if server not in copies or copies[server].instance != instance
    )
    return f"{claim.to_region} does not replicate {', '.join(wrong)}" if wrong else None


def check_deferred(claim: Deferred, evidence: ClaimEvidence) -> str | None:
    """Check that the step called the Region, without a response."""
    return None if evidence.has_failed_call(claim.region) else f"no call to {claim.region} failed"


def check_replicating(claim: Replicating, evidence: ClaimEvidence) -> str | None:
    """Check that each copy has data, and lags at most as far behind as the claim says."""
    observation = evidence.observation
    copies = observation.copies.get(claim.region, {})
    for server in sorted(claim.machines.values()):
        data_time = copies[server].data_time if server in copies else None
        if data_time is None:
            return f"{server} in {claim.region} has no recovery point"
        if copies[server].state != _IN_STEP:
            return f"the replication of {copies[server].name} to {claim.region} is {copies[server].state}"
        lag = (observation.at - data_time).total_seconds()
        if lag > claim.worst_lag_seconds + LAG_TOLERANCE_SECONDS:
            return f"the copy of {copies[server].name} in {claim.region} is {lag:,.0f} s behind"
    return None


def check_terminated(claim: Terminated, evidence: ClaimEvidence) -> str | None:
    """Check that none of the instances that the step terminated runs, and that no copy is left."""
    gone = set(claim.ids)
    if claim.what == "launched":
        gone |= set((evidence.launched or {}).get(claim.region, ()))
    running = sorted(instance for instance in gone if evidence.is_running(claim.region, instance))
    if running:
        return f"{', '.join(running)} still runs in {claim.region}"
    if claim.what == "retired copies":
        return _check_retired(claim, evidence)
    return _check_discarded(claim, evidence) if claim.what == "drill copies" else None


def _check_retired(claim: Terminated, evidence: ClaimEvidence) -> str | None:
    """Check that the machines of the Region are no longer replicated to the other. A step may retire only some."""
    observed = [copy for copies in evidence.observation.copies.values() for copy in copies.values()]
    left = {copy.name for copy in observed if copy.origin_region == claim.region}
    if len(left) <= len({copy.name for copy in observed}) - claim.machines:
        return None
    return f"copies of {', '.join(sorted(left))} from {claim.region} are left"


def _check_discarded(claim: Terminated, evidence: ClaimEvidence) -> str | None:
    """Check that the Region has no copy of an instance that the run launched elsewhere."""
    launched = {i for region, found in (evidence.launched or {}).items() if region != claim.region for i in found}
    copies = evidence.observation.copies.get(claim.region, {})
    left = sorted(server for server, copy in copies.items() if copy.instance in launched)
    return f"{', '.join(left)} is left in {claim.region}" if left else None
