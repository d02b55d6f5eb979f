"""Recovery instances, and the health of their EC2 instances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import NotFound, SurprisingAnswer
from leeward.drs.api.models import RecoveryInstance, SourceServer
from leeward.drs.api.queries import list_recovery_instances, split_batches
from leeward.drs.api.states import Ec2State
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client

# DescribeInstanceStatus accepts at most 100 IDs per call, and DescribeInstances at most 200 values in a filter.
_MAX_IDS = 100
_STATE_BY_NAME = {
    "pending": Ec2State.PENDING,
    "running": Ec2State.RUNNING,
    "stopping": Ec2State.STOPPING,
    "stopped": Ec2State.STOPPED,
    "shutting-down": Ec2State.SHUTTING_DOWN,
    "terminated": Ec2State.TERMINATED,
}
_KNOWN_STATUS_CHECKS = frozenset({"ok", "impaired", "insufficient-data", "not-applicable", "initializing"})


class InstanceHealth(StrEnum):
    """The health of a launched instance."""

    READY = "ready"
    STARTING = "starting"
    STOPPED = "stopped"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Ec2Instance:
    """An EC2 instance. `checks` are its system and instance status checks while it runs."""

    id: str
    state: Ec2State
    checks: tuple[str, ...] = ()
    launched_at: datetime | None = None

    @property
    def is_gone(self) -> bool:
        """Return whether the instance is terminated or shutting down."""
        return self.state in (Ec2State.TERMINATED, Ec2State.NOT_FOUND, Ec2State.SHUTTING_DOWN)


def describe_instances(client: EC2Client, ids: Sequence[str]) -> dict[str, Ec2Instance]:
    """Return the instances that EC2 knows, by ID. EC2 may not know an instance right after its launch."""
    states: dict[str, Ec2State] = {}
    launched: dict[str, datetime] = {}
    checks: dict[str, tuple[str, ...]] = {}
    for batch in split_batches(ids, _MAX_IDS):
        # Use a filter, because one unknown ID in InstanceIds would fail the whole call.
        with translate_errors("ec2:DescribeInstances"):
            pages = client.get_paginator("describe_instances").paginate(
                Filters=[{"Name": "instance-id", "Values": list(batch)}]
            )
            for page in pages:
                for reservation in page["Reservations"]:
                    for instance in reservation["Instances"]:
                        states[instance["InstanceId"]] = parse_instance_state(instance["State"]["Name"])
                        launched[instance["InstanceId"]] = instance["LaunchTime"]
        running = [i for i in batch if states.get(i) is Ec2State.RUNNING]
        if running:
            with translate_errors("ec2:DescribeInstanceStatus"):
                for status in client.describe_instance_status(InstanceIds=running)["InstanceStatuses"]:
                    checks[status["InstanceId"]] = (
                        _parse_status_check(status["SystemStatus"]["Status"]),
                        _parse_status_check(status["InstanceStatus"]["Status"]),
                    )
    return {i: Ec2Instance(i, state, checks.get(i, ()), launched.get(i)) for i, state in states.items()}


def are_starting(client: EC2Client, ids: Sequence[str]) -> bool:
    """Return whether every one of these instances is starting or up, and at least one is still starting."""
    found: list[bool] = []
    for batch in split_batches(ids, _MAX_IDS):
        with translate_errors("ec2:DescribeInstanceStatus"):
            answer = client.describe_instance_status(InstanceIds=list(batch), IncludeAllInstances=True)
            for status in answer["InstanceStatuses"]:
                if parse_instance_state(status["InstanceState"]["Name"]) not in (Ec2State.PENDING, Ec2State.RUNNING):
                    return False
                checks = (status["SystemStatus"]["Status"], status["InstanceStatus"]["Status"])
                found.append(all(_parse_status_check(check) == "ok" for check in checks))
    return len(found) == len(ids) and not all(found)


def assess_instance(instance: RecoveryInstance, ec2_instance: Ec2Instance | None) -> tuple[InstanceHealth, str]:
    """Return the health of a recovery instance and a description. EC2's state takes precedence over DRS's copy."""
    state = ec2_instance.state if ec2_instance is not None else instance.ec2_state
    name = instance.ec2_instance
    match state:
        case Ec2State.TERMINATED | Ec2State.NOT_FOUND | Ec2State.SHUTTING_DOWN:
            return InstanceHealth.GONE, f"{name} is {state.value.lower()}"
        case Ec2State.STOPPED | Ec2State.STOPPING:
            return InstanceHealth.STOPPED, f"{name} is {state.value.lower()}"
        case Ec2State.PENDING:
            return InstanceHealth.STARTING, f"{name} is pending"
        case Ec2State.RUNNING:
            if ec2_instance is None:
                return InstanceHealth.STARTING, f"EC2 does not show {name} yet"
            if ec2_instance.checks and all(check == "ok" for check in ec2_instance.checks):
                return InstanceHealth.READY, f"{name} runs and its status checks are ok"
            checks = " and ".join(dict.fromkeys(ec2_instance.checks)) or "not known yet"
            return InstanceHealth.STARTING, f"{name} runs, status checks {checks}"


def earliest_launch(ec2_instances: Mapping[str, Ec2Instance], ids: Sequence[str]) -> str | None:
    """Return the earliest launch time of these instances (ISO 8601), or None if EC2 reports none."""
    times = [ec2_instances[i].launched_at for i in ids if i in ec2_instances]
    return min((at.isoformat() for at in times if at is not None), default=None)


def require_recovery_instances(
    client: DrsClient, servers: Sequence[SourceServer], region: str
) -> dict[str, RecoveryInstance]:
    """Return the live recovery instance of each server that has one, by server ID.

    A server may have none, because a runbook can continue without a server that did not launch.
    Raises NotFound when no server has one.
    """
    instances = {i.server: i for i in list_recovery_instances(client, [s.id for s in servers]) if i.is_live}
    if not instances:
        raise NotFound(f"no recovery instance in {region} of {', '.join(server.label for server in servers)}")
    return instances


def require_recovered_groups(
    client: DrsClient, groups: Sequence[ServerGroup], region: str
) -> dict[str, tuple[list[SourceServer], Mapping[str, RecoveryInstance]]]:
    """Return each group's servers, and the live recovery instance of each server that has one, by server ID.

    A server may have none, because a runbook can continue without a server that did not launch. Raises NotFound when no
    server of a group has one, or a group is incomplete.
    """
    resolved = resolve_groups(client, groups, region)
    servers = sorted({server.id for _, found in resolved for server in found})
    live = {i.server: i for i in list_recovery_instances(client, servers) if i.is_live}
    recovered: dict[str, tuple[list[SourceServer], Mapping[str, RecoveryInstance]]] = {}
    for group, found in resolved:
        instances = {server.id: live[server.id] for server in found if server.id in live}
        if not instances:
            raise NotFound(f"no recovery instance in {region} of {', '.join(server.label for server in found)}")
        recovered[group.name] = found, instances
    return recovered


def describe_missing_instances(servers: Sequence[SourceServer], instances: Mapping[str, RecoveryInstance]) -> str:
    """Return text that names the servers without a recovery instance, to append to a detail. Empty if all have one."""
    missing = [server.label for server in servers if server.id not in instances]
    return f"; without a recovery instance, so left out: {', '.join(missing)}" if missing else ""


def parse_instance_state(name: str) -> Ec2State:
    """Parse an EC2 instance state name. Raises SurprisingAnswer for an unknown name."""
    if name not in _STATE_BY_NAME:
        raise SurprisingAnswer(f"ec2:DescribeInstances: an instance's state is {name!r}")
    return _STATE_BY_NAME[name]


def _parse_status_check(status: str) -> str:
    if status not in _KNOWN_STATUS_CHECKS:
        raise SurprisingAnswer(f"ec2:DescribeInstanceStatus: a status check is {status!r}")
    return status
