"""Select and prepare existing instances to launch into, instead of new ones.

AWS requires that the instance is stopped before the launch and has the tag `AWSDRS=AllowLaunchingIntoThisInstance`. The
server's launch settings must copy neither tags nor the private IP address (DRS user guide, "Launch into source
instance"). DRS checks the platform and the boot mode, and writes the result to the job log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import Busy, InvalidInput, LaunchFailed, NotReady
from leeward.drs.api.models import SourceServer
from leeward.drs.api.states import Ec2State
from leeward.drs.inventory.recovery_instances import parse_instance_state

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef

ALLOW_TAG, ALLOW_VALUE = "AWSDRS", "AllowLaunchingIntoThisInstance"
InstanceSelector = str | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TargetInstance:
    """An EC2 instance that a server can be launched into."""

    id: str
    state: Ec2State
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TargetInstances:
    """The target instances of one group's servers.

    `into` maps a server's ID, its Name tag, or the group's name to an instance's ID or tags. Under the group's name, a
    server of a larger group gets the instance that also has the server's Name tag.
    """

    drs: DrsClient
    ec2: EC2Client
    region: str
    group: str
    into: Mapping[str, InstanceSelector]

    def prepare(self, servers: Sequence[SourceServer], group_size: int) -> None:
        """Set each server's launch configuration to its target instance. `group_size` counts the whole group.

        Raises NotReady naming every problem, before anything is changed. Raises Busy while DRS works on a server.
        """
        chosen, problems = self._choose_instances(servers, group_size)
        for server, instance in chosen.values():
            problems += [f"{server.label}: {why}" for why in unfit_reasons(instance)]
        problems += duplicate_targets(chosen)
        if problems:
            raise NotReady(f"group {self.group!r} can't be launched into its instances: {'; '.join(problems)}")
        for server, instance in chosen.values():
            self._set_target(server, instance.id)

    def verify(self, servers: Sequence[SourceServer], launched: Mapping[str, str]) -> None:
        """Raise LaunchFailed if DRS launched a server elsewhere. `launched` maps a source server ID to an EC2 ID."""
        chosen, problems = self._choose_instances(servers, len(servers))
        elsewhere = [
            f"{server.label} was launched into {launched[server.id]}, not {instance.id}"
            for server, instance in chosen.values()
            if launched.get(server.id, instance.id) != instance.id
        ]
        if elsewhere or problems:
            raise LaunchFailed(f"group {self.group!r}: {'; '.join(elsewhere + problems)}")

    def _choose_instances(
        self, servers: Sequence[SourceServer], group_size: int
    ) -> tuple[dict[str, tuple[SourceServer, TargetInstance]], list[str]]:
        """Return each server's instance by server ID, and the problems of servers without a single match."""
        chosen: dict[str, tuple[SourceServer, TargetInstance]] = {}
        problems: list[str] = []
        for server in servers:
            found = self._find_instances(selector_for_server(server, self.group, self.into, group_size))
            if len(found) == 1:
                chosen[server.id] = (server, found[0])
            else:
                matches = ", ".join(instance.id for instance in found) or "none"
                problems.append(f"{server.label}: expected 1 instance in {self.region}, found {matches}")
        return chosen, problems

    def _find_instances(self, selector: InstanceSelector) -> list[TargetInstance]:
        filters: list[FilterTypeDef] = (
            [{"Name": "instance-id", "Values": [selector]}]
            if isinstance(selector, str)
            else [{"Name": f"tag:{key}", "Values": [value]} for key, value in selector.items()]
        )
        found = []
        with translate_errors("ec2:DescribeInstances"):
            for page in self.ec2.get_paginator("describe_instances").paginate(Filters=filters):
                for instance in (i for r in page["Reservations"] for i in r["Instances"]):
                    tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}
                    candidate = TargetInstance(
                        instance["InstanceId"], parse_instance_state(instance["State"]["Name"]), tags
                    )
                    # EC2 filters treat `*` and `?` as wildcards, so compare again.
                    fits = candidate.id == selector if isinstance(selector, str) else selector.items() <= tags.items()
                    if fits and candidate.state is not Ec2State.TERMINATED:
                        found.append(candidate)
        return found

    def _set_target(self, server: SourceServer, instance: str) -> None:
        call = "drs:UpdateLaunchConfiguration"
        with translate_errors(call):
            answer = self.drs.update_launch_configuration(
                sourceServerID=server.id,
                copyTags=False,
                copyPrivateIp=False,
                launchIntoInstanceProperties={"launchIntoEC2InstanceID": instance},
            )
        shown = answer.get("launchIntoInstanceProperties", {}).get("launchIntoEC2InstanceID")
        if shown != instance:
            raise Busy(f"{call}: the target of {server.label} was set to {instance}, but {shown or 'nothing'} shows")


def selector_for_server(
    server: SourceServer, group: str, into: Mapping[str, InstanceSelector], group_size: int
) -> InstanceSelector:
    """Return the selector of a server's target instance. Raises InvalidInput if it is missing or ambiguous."""
    name = server.tags.get("Name")
    for key in (server.id, name):
        if key is not None and key in into:
            return into[key]
    selector = into.get(group)
    if selector is None:
        raise InvalidInput(f"no target instance is given for {server.label}; given: {', '.join(into)}")
    if group_size == 1:
        return selector
    if isinstance(selector, str):
        raise InvalidInput(f"group {group!r} has {group_size} servers, and all are to be launched into {selector}")
    if name is None:
        raise InvalidInput(f"{server.label} has no Name tag to identify its instance in the group")
    return {**selector, "Name": name}


def unfit_reasons(instance: TargetInstance) -> list[str]:
    """Return why DRS would refuse to launch into the instance."""
    reasons = []
    if instance.state is not Ec2State.STOPPED:
        reasons.append(f"{instance.id} is {instance.state.value.lower()}; stop it")
    if instance.tags.get(ALLOW_TAG) != ALLOW_VALUE:
        reasons.append(f"{instance.id} lacks the tag {ALLOW_TAG}={ALLOW_VALUE}")
    return reasons


def duplicate_targets(chosen: Mapping[str, tuple[SourceServer, TargetInstance]]) -> list[str]:
    """Return the problems of instances that are the target of more than one server."""
    servers: dict[str, list[str]] = {}
    for server, instance in chosen.values():
        servers.setdefault(instance.id, []).append(server.label)
    return [
        f"{instance} is the target of {' and '.join(labels)}" for instance, labels in servers.items() if len(labels) > 1
    ]
