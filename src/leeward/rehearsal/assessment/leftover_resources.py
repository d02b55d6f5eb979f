"""Lists the resources that a run left behind, whether they are in use, and whether its journal names them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from leeward.control.journal.run_journal import JournalEntry
from leeward.rehearsal.invariants.run_record import CreatedResource
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.twin.aws.drs.state.server_replication import ReplicationMode


def leftover_resources(
    session: RehearsalSession, run: RehearsedRun, journal: Sequence[JournalEntry]
) -> list[CreatedResource]:
    """Return the recovery instances that the run's jobs launched and the source servers that carry the run's tag.

    Only resources that still exist are included.
    """
    journal_text = "\n".join(f"{e.detail} {json.dumps(e.facts, default=str)}" for e in journal)
    return [*_leftover_instances(session, run, journal_text), *_leftover_source_servers(session, run, journal_text)]


def _leftover_instances(session: RehearsalSession, run: RehearsedRun, journal_text: str) -> Iterator[CreatedResource]:
    jobs = {
        job.job_id
        for region in session.application.regions.both
        for job in session.world.drs.jobs(region)
        if job.tags.get("leeward:run") == run.id
    }
    serving = _serving_regions(session)
    for region in session.application.regions.both:
        for instance in session.world.drs.recovery_instances(region):
            if instance.job_id in jobs:
                names = (instance.ec2_instance_id, instance.recovery_instance_id, instance.server_id, instance.job_id)
                yield CreatedResource(
                    kind="recovery instance",
                    id=instance.ec2_instance_id,
                    server=session.server_name(instance.server_id),
                    region=region,
                    in_use=region in serving and not instance.is_drill,
                    listed=any(name in journal_text for name in names),
                )


def _leftover_source_servers(
    session: RehearsalSession, run: RehearsedRun, journal_text: str
) -> Iterator[CreatedResource]:
    for region in session.application.regions.both:
        for server in session.world.drs.servers(region):
            if run.id in server.tags.values():
                replicating = server.replication.mode is ReplicationMode.RUNNING
                protects = replicating and server.origin.region in _serving_regions(session)
                listed = server.server_id in journal_text or server.origin.instance_id in journal_text
                yield CreatedResource("source server", server.server_id, server.name, region, protects, listed)


def _serving_regions(session: RehearsalSession) -> set[str | None]:
    clients = session.world.clients
    return {request.served_by for request in clients.latest_requests} if clients else set()
