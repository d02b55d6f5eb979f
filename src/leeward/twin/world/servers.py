"""The protected machines: real instances in the simulated EC2, and the source servers that DRS keeps of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from leeward.state_machines.components import Servers
from leeward.state_machines.documents.application import Application
from leeward.twin.aws.drs import Drs
from leeward.twin.internet.machines import Software
from leeward.twin.world import documents
from leeward.twin.world.ec2 import GROUP_TAG

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

# moto knows some public images by heart; this is one of Amazon Linux, which every simulated Region has.
_IMAGE = "ami-12c6146b"


def software(application: Application, world: documents.WorldDocument) -> Iterator[Software]:
    """What runs on each group's servers. A group that the world document does not name, and that a load balancer
    sends requests to, serves every page of the site."""
    served = {page.path: page.contains for page in application.site.pages} if application.site else {}
    for group, component in application.of_kind(Servers):
        if group in world.servers:
            told = world.servers[group]
            yield Software(group, told.pages, tuple(told.needs), told.boots_in)
        else:
            yield Software(group, served, component.after, timedelta(seconds=60))


def start_instances(ec2: EC2Client, application: Application) -> Mapping[str, list[str]]:
    """Launch the serving machines, as many as each group expects; their instance ids by group."""
    started = {}
    for group, component in application.of_kind(Servers):
        tags = {**_tags(group, component), "Name": group}
        answer = ec2.run_instances(
            ImageId=_IMAGE,
            InstanceType="t3.small",
            MinCount=component.expect or 1,
            MaxCount=component.expect or 1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}],
        )
        started[group] = [instance["InstanceId"] for instance in answer["Instances"]]
    return started


def protect(
    drs: Drs,
    application: Application,
    world: documents.WorldDocument,
    instances: Mapping[str, list[str]],
    *,
    origin: str,
    target: str,
) -> Mapping[str, list[str]]:
    """Make each machine in `origin` a source server in `target`; the source servers' ids by group."""
    protected: dict[str, list[str]] = {}
    for group, component in application.of_kind(Servers):
        told = world.servers.get(group, documents.Servers())
        for number, instance_id in enumerate(instances[group], start=1):
            name = group if len(instances[group]) == 1 else f"{group}-{number}"
            server = drs.add_source_server(
                target,
                name,
                origin,
                instance_id,
                tags={**_tags(group, component), "Name": name},
                disks_gib=told.disks_gib,
                steady_lag_seconds=told.lag.total_seconds(),
            )
            protected.setdefault(group, []).append(server.server_id)
    return protected


def _tags(group: str, component: Servers) -> dict[str, str]:
    return {**(component.servers.tags or {}), GROUP_TAG: group}
