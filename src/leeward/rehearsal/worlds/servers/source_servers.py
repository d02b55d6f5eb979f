"""Creates the protected servers: instances in the simulated EC2, and their source servers in DRS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from leeward.rehearsal.scenarios import scenario_documents
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.twin.aws.drs import DrsSimulator, MeasuredTimes
from leeward.twin.internet.instances import GROUP_TAG
from leeward.twin.internet.web_servers import ServerSoftware

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

# An Amazon Linux image that moto provides in every Region.
_IMAGE_ID = "ami-12c6146b"


def server_software(
    application: Application, world_document: scenario_documents.WorldDocument
) -> Iterator[ServerSoftware]:
    """Yield the software of each group's servers.

    A group that the world document doesn't contain serves every page of the site.
    """
    site_pages = {page.path: page.contains for page in application.site.pages} if application.site else {}
    for group, component in application.components_of_kind(ServerGroupComponent):
        if group in world_document.servers:
            settings = world_document.servers[group]
            yield ServerSoftware(group, settings.pages, tuple(settings.needs), settings.boots_in)
        else:
            yield ServerSoftware(group, site_pages, component.after, timedelta(seconds=60))


def start_instances(ec2: EC2Client, application: Application) -> Mapping[str, list[str]]:
    """Launch the number of instances that each group expects. Return their instance IDs by group."""
    instance_ids = {}
    for group, component in application.components_of_kind(ServerGroupComponent):
        tags = {**_tags(group, component), "Name": group}
        response = ec2.run_instances(
            ImageId=_IMAGE_ID,
            InstanceType="t3.small",
            MinCount=component.expect or 1,
            MaxCount=component.expect or 1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}],
        )
        instance_ids[group] = [instance["InstanceId"] for instance in response["Instances"]]
    return instance_ids


def create_source_servers(
    drs: DrsSimulator,
    application: Application,
    world_document: scenario_documents.WorldDocument,
    instances: Mapping[str, list[str]],
    *,
    origin: str,
    target: str,
) -> Mapping[str, list[str]]:
    """Create a source server in `target` for each instance in `origin`. Return the source server IDs by group."""
    server_ids: dict[str, list[str]] = {}
    for group, component in application.components_of_kind(ServerGroupComponent):
        settings = world_document.servers.get(group, scenario_documents.ServerGroupSettings())
        for number, instance_id in enumerate(instances[group], start=1):
            name = group if len(instances[group]) == 1 else f"{group}-{number}"
            server = drs.add_source_server(
                target,
                name,
                origin,
                instance_id,
                tags={**_tags(group, component), "Name": name},
                disks_gib=settings.disks_gib,
                measured_times=_measured_times(settings),
                steady_lag_seconds=settings.lag.total_seconds(),
            )
            server_ids.setdefault(group, []).append(server.server_id)
    return server_ids


def _measured_times(settings: scenario_documents.ServerGroupSettings) -> MeasuredTimes:
    times = settings.launch_times
    stated = (times.snapshot, times.conversion, times.launch, settings.initial_sync)
    return MeasuredTimes(*(None if duration is None else duration.total_seconds() for duration in stated))


def _tags(group: str, component: ServerGroupComponent) -> dict[str, str]:
    return {**(component.servers.tags or {}), GROUP_TAG: group}
