"""Counts the resources that a run created. Lists those that still exist, with their use and mention in the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from leeward.control.journal.run_journal import JournalEntry
from leeward.rehearsal.invariants.run_record import CreatedResource
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.twin.aws.drs.state.server_replication import ReplicationMode
from leeward.twin.interception import AwsCall
from leeward.twin.internet.instances import SimulatedInstance

# Creates a source server in the other Region.
_REVERSAL = "drs:ReverseReplication"


def leftover_resources(
    session: RehearsalSession, run: RehearsedRun, journal: Sequence[JournalEntry]
) -> list[CreatedResource]:
    """Return the instances that were launched during the run, and the source servers that carry the run's tag.

    Only resources that still exist are included. Instances of another run's jobs are not.
    """
    journal_text = "\n".join(f"{e.detail} {json.dumps(e.facts, default=str)}" for e in journal)
    return [*_leftover_instances(session, run, journal_text), *_leftover_source_servers(session, run, journal_text)]


def count_created(session: RehearsalSession, run: RehearsedRun, calls: Sequence[AwsCall]) -> int:
    """Return how many instances were launched and replications reversed during the run, even if all are gone."""
    reversals = sum(1 for call in calls if call.operation == _REVERSAL and call.outcome == "ok")
    since = run.started_at
    launched = sum(_is_of_run(each.job_tags, run) and each.launched_at >= since for each in session.launched_instances)
    return launched + reversals + len(list(_instances_without_job(session, run)))


def _leftover_instances(session: RehearsalSession, run: RehearsedRun, journal_text: str) -> Iterator[CreatedResource]:
    jobs = {
        job.job_id: job
        for region in session.application.regions.both
        for job in session.world.drs.jobs(region)
        if _is_of_run(job.tags, run) and job.created_at >= run.started_at
    }
    serving = _serving_regions(session)
    for region in session.application.regions.both:
        for instance in session.world.drs.recovery_instances(region):
            if instance.job_id in jobs:
                names = [instance.ec2_instance_id, instance.recovery_instance_id, instance.job_id]
                if "leeward:run" in jobs[instance.job_id].tags:
                    names.append(instance.server_id)
                yield CreatedResource(
                    kind="recovery instance",
                    id=instance.ec2_instance_id,
                    server=session.server_name(instance.server_id),
                    region=region,
                    in_use=region in serving and not instance.is_drill,
                    listed=any(name in journal_text for name in names),
                )
    for region, extra in _instances_without_job(session, run):
        yield CreatedResource("instance", extra.id, extra.name, region, in_use=False, listed=extra.id in journal_text)


def _is_of_run(job_tags: Mapping[str, str], run: RehearsedRun) -> bool:
    """Return whether a job is the run's. A job without the tag of any run counts too, if it started during the run."""
    return job_tags.get("leeward:run", run.id) == run.id


def _instances_without_job(session: RehearsalSession, run: RehearsedRun) -> Iterator[tuple[str, SimulatedInstance]]:
    """Yield the running instances that were launched during the run, but not by a job of DRS, with their Regions."""
    of_jobs = {machine.ec2_instance_id for machine in session.launched_instances}
    for region in session.application.regions.both:
        for instance in session.world.instances.in_region(region):
            is_new = instance.running_since is not None and instance.running_since >= run.started_at
            if is_new and instance.id not in of_jobs:
                yield region, instance


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
