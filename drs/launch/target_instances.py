"""Launch into instances that are there already, instead of new ones: which, and whether DRS may.

AWS asks that the instance is stopped before the launch, carries the tag `AWSDRS=AllowLaunchingIntoThisInstance`, and
that the server's launch settings copy neither tags nor the private address (DRS user guide, "Launch into source
instance"). That platform and boot mode fit, DRS itself checks: the job log tells.
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
    """An EC2 instance that a server may be launched into."""

    id: str
    state: Ec2State
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TargetInstances:
    """For the servers of one group: which instance each is launched into.

    `into`: by a server's id, by its Name tag, or by the group's name; an instance's id or its tags. By the group's name
    a server of several finds the instance that carries its own Name tag too.
    """

    drs: DrsClient
    ec2: EC2Client
    region: str
    group: str
    into: Mapping[str, InstanceSelector]

    def prepare(self, servers: Sequence[SourceServer], group_size: int) -> None:
        """Have each launched into its own instance, `of` being the size of the whole group.

        Raises NotReady naming everything that stands in the way, before anything is changed; Busy while DRS works on a
        server.
        """
        chosen, problems = self._choose_instances(servers, group_size)
        for server, body in chosen.values():
            problems += [f"{server.label}: {why}" for why in unfit_reasons(body)]
        problems += duplicate_targets(chosen)
        if problems:
            raise NotReady(f"group {self.group!r} can't be launched into its instances: {'; '.join(problems)}")
        for server, body in chosen.values():
            self._set_target(server, body.id)

    def verify(self, servers: Sequence[SourceServer], launched: Mapping[str, str]) -> None:
        """Raises LaunchFailed when DRS launched a server elsewhere. `launched`: source server id to EC2 id."""
        chosen, problems = self._choose_instances(servers, len(servers))
        elsewhere = [
            f"{server.label} was launched into {launched[server.id]}, not {body.id}"
            for server, body in chosen.values()
            if launched.get(server.id, body.id) != body.id
        ]
        if elsewhere or problems:
            raise LaunchFailed(f"group {self.group!r}: {'; '.join(elsewhere + problems)}")

    def _choose_instances(
        self, servers: Sequence[SourceServer], group_size: int
    ) -> tuple[dict[str, tuple[SourceServer, TargetInstance]], list[str]]:
        """The instance of each server, by server id; and what is wrong with the choice of the others."""
        chosen: dict[str, tuple[SourceServer, TargetInstance]] = {}
        problems: list[str] = []
        for server in servers:
            found = self._find_instances(selector_for_server(server, self.group, self.into, group_size))
            if len(found) == 1:
                chosen[server.id] = (server, found[0])
            else:
                told = ", ".join(body.id for body in found) or "none"
                problems.append(f"{server.label}: one instance is wanted in {self.region}, found {told}")
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
                    body = TargetInstance(instance["InstanceId"], parse_instance_state(instance["State"]["Name"]), tags)
                    # EC2's filters take `*` and `?` for wildcards.
                    fits = body.id == selector if isinstance(selector, str) else selector.items() <= tags.items()
                    if fits and body.state is not Ec2State.TERMINATED:
                        found.append(body)
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
            raise Busy(f"{call}: {server.label} is to be launched into {instance}, but {shown or 'nothing'} shows")


def selector_for_server(
    server: SourceServer, group: str, into: Mapping[str, InstanceSelector], group_size: int
) -> InstanceSelector:
    """How a server's instance is found. Raises InvalidInput when nothing says, or not clearly."""
    name = server.tags.get("Name")
    for key in (server.id, name):
        if key is not None and key in into:
            return into[key]
    whole = into.get(group)
    if whole is None:
        raise InvalidInput(f"nothing says which instance {server.label} is launched into; named: {', '.join(into)}")
    if group_size == 1:
        return whole
    if isinstance(whole, str):
        raise InvalidInput(f"group {group!r} has {group_size} servers, and all are to be launched into {whole}")
    if name is None:
        raise InvalidInput(f"{server.label} has no Name tag to tell its instance from those of its group")
    return {**whole, "Name": name}


def unfit_reasons(instance: TargetInstance) -> list[str]:
    """Why DRS would refuse to launch into it."""
    found = []
    if instance.state is not Ec2State.STOPPED:
        found.append(f"{instance.id} is {instance.state.value.lower()}; stop it")
    if instance.tags.get(ALLOW_TAG) != ALLOW_VALUE:
        found.append(f"{instance.id} lacks the tag {ALLOW_TAG}={ALLOW_VALUE}")
    return found


def duplicate_targets(chosen: Mapping[str, tuple[SourceServer, TargetInstance]]) -> list[str]:
    """Instances that more than one server is to be launched into."""
    servers: dict[str, list[str]] = {}
    for server, body in chosen.values():
        servers.setdefault(body.id, []).append(server.label)
    return [f"{body} is wanted by {' and '.join(labels)}" for body, labels in servers.items() if len(labels) > 1]
