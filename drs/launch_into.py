"""Launch into instances that are there already, instead of new ones: which, and whether DRS may.

AWS asks that the instance is stopped before the launch, carries the tag `AWSDRS=AllowLaunchingIntoThisInstance`, and
that the server's launch settings copy neither tags nor the private address (DRS user guide, "Launch into source
instance"). That platform and boot mode fit, DRS itself checks: the job log tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leeward.common.aws import naming_errors
from leeward.common.errors import Busy, InvalidInput, LaunchFailed, NotReady
from leeward.drs.instances import state_of
from leeward.drs.model import SourceServer
from leeward.drs.states import Ec2State

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef

TAG, VALUE = "AWSDRS", "AllowLaunchingIntoThisInstance"
Selector = str | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Body:
    """An EC2 instance that a server may be launched into."""

    id: str
    state: Ec2State
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bodies:
    """For the servers of one group: which instance each is launched into.

    `into`: by a server's id, by its Name tag, or by the group's name; an instance's id or its tags. By the group's name
    a server of several finds the instance that carries its own Name tag too.
    """

    drs: DrsClient
    ec2: EC2Client
    region: str
    group: str
    into: Mapping[str, Selector]

    def prepare(self, servers: Sequence[SourceServer], of: int) -> None:
        """Have each launched into its own instance, `of` being the size of the whole group.

        Raises NotReady naming everything that stands in the way, before anything is changed; Busy while DRS works on a
        server.
        """
        chosen, problems = self._choose(servers, of)
        for server, body in chosen.values():
            problems += [f"{server.label}: {why}" for why in unfit(body)]
        problems += doubles(chosen)
        if problems:
            raise NotReady(f"group {self.group!r} can't be launched into its instances: {'; '.join(problems)}")
        for server, body in chosen.values():
            self._set(server, body.id)

    def verify(self, servers: Sequence[SourceServer], launched: Mapping[str, str]) -> None:
        """Raises LaunchFailed when DRS launched a server elsewhere. `launched`: source server id to EC2 id."""
        chosen, problems = self._choose(servers, len(servers))
        elsewhere = [
            f"{server.label} was launched into {launched[server.id]}, not {body.id}"
            for server, body in chosen.values()
            if launched.get(server.id, body.id) != body.id
        ]
        if elsewhere or problems:
            raise LaunchFailed(f"group {self.group!r}: {'; '.join(elsewhere + problems)}")

    def _choose(
        self, servers: Sequence[SourceServer], of: int
    ) -> tuple[dict[str, tuple[SourceServer, Body]], list[str]]:
        """The instance of each server, by server id; and what is wrong with the choice of the others."""
        chosen: dict[str, tuple[SourceServer, Body]] = {}
        problems: list[str] = []
        for server in servers:
            found = self._find(selector(server, self.group, self.into, of))
            if len(found) == 1:
                chosen[server.id] = (server, found[0])
            else:
                told = ", ".join(body.id for body in found) or "none"
                problems.append(f"{server.label}: one instance is wanted in {self.region}, found {told}")
        return chosen, problems

    def _find(self, wanted: Selector) -> list[Body]:
        filters: list[FilterTypeDef] = (
            [{"Name": "instance-id", "Values": [wanted]}]
            if isinstance(wanted, str)
            else [{"Name": f"tag:{key}", "Values": [value]} for key, value in wanted.items()]
        )
        found = []
        with naming_errors("ec2:DescribeInstances"):
            for page in self.ec2.get_paginator("describe_instances").paginate(Filters=filters):
                for instance in (i for r in page["Reservations"] for i in r["Instances"]):
                    tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}
                    body = Body(instance["InstanceId"], state_of(instance["State"]["Name"]), tags)
                    # EC2's filters take `*` and `?` for wildcards.
                    fits = body.id == wanted if isinstance(wanted, str) else wanted.items() <= tags.items()
                    if fits and body.state is not Ec2State.TERMINATED:
                        found.append(body)
        return found

    def _set(self, server: SourceServer, instance: str) -> None:
        call = "drs:UpdateLaunchConfiguration"
        with naming_errors(call):
            answer = self.drs.update_launch_configuration(
                sourceServerID=server.id,
                copyTags=False,
                copyPrivateIp=False,
                launchIntoInstanceProperties={"launchIntoEC2InstanceID": instance},
            )
        shown = answer.get("launchIntoInstanceProperties", {}).get("launchIntoEC2InstanceID")
        if shown != instance:
            raise Busy(f"{call}: {server.label} is to be launched into {instance}, but {shown or 'nothing'} shows")


def selector(server: SourceServer, group: str, into: Mapping[str, Selector], of: int) -> Selector:
    """How a server's instance is found. Raises InvalidInput when nothing says, or not clearly."""
    name = server.tags.get("Name")
    for key in (server.id, name):
        if key is not None and key in into:
            return into[key]
    whole = into.get(group)
    if whole is None:
        raise InvalidInput(f"nothing says which instance {server.label} is launched into; named: {', '.join(into)}")
    if of == 1:
        return whole
    if isinstance(whole, str):
        raise InvalidInput(f"group {group!r} has {of} servers, and all are to be launched into {whole}")
    if name is None:
        raise InvalidInput(f"{server.label} has no Name tag to tell its instance from those of its group")
    return {**whole, "Name": name}


def unfit(body: Body) -> list[str]:
    """Why DRS would refuse to launch into it."""
    found = []
    if body.state is not Ec2State.STOPPED:
        found.append(f"{body.id} is {body.state.value.lower()}; stop it")
    if body.tags.get(TAG) != VALUE:
        found.append(f"{body.id} lacks the tag {TAG}={VALUE}")
    return found


def doubles(chosen: Mapping[str, tuple[SourceServer, Body]]) -> list[str]:
    """Instances that more than one server is to be launched into."""
    servers: dict[str, list[str]] = {}
    for server, body in chosen.values():
        servers.setdefault(body.id, []).append(server.label)
    return [f"{body} is wanted by {' and '.join(labels)}" for body, labels in servers.items() if len(labels) > 1]
