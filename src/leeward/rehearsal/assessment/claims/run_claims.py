"""Checks what the steps of a run claim against the session's observations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from leeward.control.journal.run_journal import JournalEntry
from leeward.rehearsal.assessment.claims.claim_checks import check_claims
from leeward.rehearsal.assessment.claims.claim_evidence import ClaimEvidence
from leeward.rehearsal.invariants.run_record import CheckedClaim
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun


def check_run_claims(
    session: RehearsalSession, run: RehearsedRun, journal: Sequence[JournalEntry]
) -> list[CheckedClaim]:
    """Return each claim of the run's steps, with what is wrong with it."""
    observations = session.step_observer.observations.get(run.execution, [])
    site = session.application.site
    launched: dict[str, set[str]] = {}
    for instance in session.launched_instances:
        if instance.job_tags.get("leeward:run") == run.id:
            launched.setdefault(instance.region, set()).add(instance.ec2_instance_id)
    make_evidence = partial(
        ClaimEvidence,
        run.id,
        calls=[call for call in session.engine.interceptor.calls if call.at >= run.started_at],
        launched={region: frozenset(instances) for region, instances in launched.items()},
        server_groups={group: frozenset(session.server_names(group)) for group in session.world.source_servers},
        endpoints={host: region for region, host in site.endpoints.items()} if site else {},
        loss_ends_at=run.trouble_started_at if run.responds_to_incident else None,
    )
    return check_claims(journal, observations, make_evidence)
