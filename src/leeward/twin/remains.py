"""What a run made and left behind: is it in use, and does the run's journal name it?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from leeward.control.journal import Entry
from leeward.twin.aws.drs.replication import Mode
from leeward.twin.invariants.record import Created
from leeward.twin.run import Run
from leeward.twin.stage import Stage


def created(stage: Stage, run: Run, journal: Sequence[Entry]) -> list[Created]:
    """The recovery instances that the run's jobs launched, and the source servers that it marked as its own, as far as
    they are still there."""
    told = "\n".join(f"{e.detail} {json.dumps(e.facts, default=str)}" for e in journal)
    return [*_instances(stage, run, told), *_servers(stage, run, told)]


def _instances(stage: Stage, run: Run, told: str) -> Iterator[Created]:
    jobs = {
        job.job_id
        for region in stage.application.regions.both
        for job in stage.world.drs.jobs(region)
        if job.tags.get("leeward:run") == run.id
    }
    serving = _serving(stage)
    for region in stage.application.regions.both:
        for instance in stage.world.drs.recovery_instances(region):
            if instance.job_id in jobs:
                names = (instance.ec2_instance_id, instance.recovery_instance_id, instance.server_id, instance.job_id)
                yield Created(
                    kind="recovery instance",
                    id=instance.ec2_instance_id,
                    server=stage.name_of(instance.server_id),
                    region=region,
                    in_use=region in serving and not instance.is_drill,
                    listed=any(name in told for name in names),
                )


def _servers(stage: Stage, run: Run, told: str) -> Iterator[Created]:
    for region in stage.application.regions.both:
        for server in stage.world.drs.servers(region):
            if run.id in server.tags.values():
                running = server.replication.mode is Mode.RUNNING
                protects = running and server.origin.region in _serving(stage)
                listed = server.server_id in told or server.origin.instance_id in told
                yield Created("source server", server.server_id, server.name, region, protects, listed)


def _serving(stage: Stage) -> set[str | None]:
    clients = stage.world.clients
    return {request.served_by for request in clients.requests[-clients.count :]} if clients else set()
