"""The protected machines: real instances in the simulated EC2, and the source servers that DRS keeps of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from leeward.rehearsal.scenarios import scenario_documents
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components import ServerGroupComponent
from leeward.twin.aws.drs import DrsSimulator
from leeward.twin.internet.instances import GROUP_TAG
from leeward.twin.internet.web_servers import ServerSoftware

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

# moto knows some public images by heart; this is one of Amazon Linux, which every simulated Region has.
_IMAGE_ID = "ami-12c6146b"


def server_software(
    application: Application, world_document: scenario_documents.WorldDocument
) -> Iterator[ServerSoftware]:
    """What runs on each group's servers. A group that the world document does not name, and that a load balancer
    sends requests to, serves every page of the site."""
    served = {page.path: page.contains for page in application.site.pages} if application.site else {}
    for group, component in application.components_of_kind(ServerGroupComponent):
        if group in world_document.servers:
            told = world_document.servers[group]
            yield ServerSoftware(group, told.pages, tuple(told.needs), told.boots_in)
        else:
            yield ServerSoftware(group, served, component.after, timedelta(seconds=60))


def start_instances(ec2: EC2Client, application: Application) -> Mapping[str, list[str]]:
    """Launch the serving machines, as many as each group expects; their instance ids by group."""
    started = {}
    for group, component in application.components_of_kind(ServerGroupComponent):
        tags = {**_tags(group, component), "Name": group}
        answer = ec2.run_instances(
            ImageId=_IMAGE_ID,
            InstanceType="t3.small",
            MinCount=component.expect or 1,
            MaxCount=component.expect or 1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}],
        )
        started[group] = [instance["InstanceId"] for instance in answer["Instances"]]
    return started


def create_source_servers(
    drs: DrsSimulator,
    application: Application,
    world_document: scenario_documents.WorldDocument,
    instances: Mapping[str, list[str]],
    *,
    origin: str,
    target: str,
) -> Mapping[str, list[str]]:
    """Make each machine in `origin` a source server in `target`; the source servers' ids by group."""
    protected: dict[str, list[str]] = {}
    for group, component in application.components_of_kind(ServerGroupComponent):
        told = world_document.servers.get(group, scenario_documents.ServerGroupSettings())
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


def _tags(group: str, component: ServerGroupComponent) -> dict[str, str]:
    return {**(component.servers.tags or {}), GROUP_TAG: group}
