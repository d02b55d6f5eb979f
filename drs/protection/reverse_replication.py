"""Reverse replication: give each recovered instance a source server in the other Region, tagged like its group.

The caller polls until done. Each call is idempotent. An instance counts as reversed when the opposite source server in
the other Region replicates from this instance. The opposite server may appear late, and until then the poll waits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import AnswerLost, Busy, LeewardError, NotFound, NotReady, ServiceUnavailable, Throttled
from leeward.common.task_calls.call_time import leave_rest
from leeward.drs.api import queries
from leeward.drs.api.models import RecoveryInstance, SourceServer
from leeward.drs.api.states import Ec2State, ReplicationDirection, ReplicationState
from leeward.drs.inventory.recovery_instances import describe_missing_instances
from leeward.drs.inventory.recovery_jobs import RUN_TAG
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups
from leeward.drs.protection import teardown

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient

_UNREACHABLE = (ServiceUnavailable, AnswerLost, Throttled)
_FAILBACK_NOT_STARTED = "FAILBACK_NOT_STARTED"


@dataclass(frozen=True, slots=True)
class ReversalPair:
    """A recovered instance of a group, its source server, and the source server in the opposite direction, if any."""

    group: ServerGroup
    server: SourceServer
    instance: RecoveryInstance
    opposite: SourceServer | None

    def is_replicated_from(self, region: str) -> bool:
        """Return whether the opposite server replicates this instance."""
        opposite = self.opposite
        if opposite is None or not opposite.replication.state.is_replicating or opposite.cloud.region != region:
            return False
        return opposite.machine == self.instance.ec2_instance

    @property
    def blocking_server(self) -> SourceServer | None:
        """Return the opposite server if it is disconnected. DRS can't reverse onto it, and can only delete it."""
        opposite = self.opposite
        return (
            opposite if opposite is not None and opposite.replication.state is ReplicationState.DISCONNECTED else None
        )

    def is_reversed(self, region: str) -> bool:
        """Return whether the reversal was also started, because a launch into an existing instance keeps the old ID."""
        return self.instance.failback.state != _FAILBACK_NOT_STARTED and self.is_replicated_from(region)


@dataclass(frozen=True, slots=True)
class ReversalResult:
    """The result of one poll. `machines` maps an EC2 ID to the ID of the source server that now replicates it.

    `unreachable` is the error of the other Region if it can't be reached.
    """

    machines: Mapping[str, str]
    waiting: Sequence[str]
    missing_text: str
    unreachable: LeewardError | None = None


@dataclass(frozen=True, slots=True)
class FailbackServerTags:
    """The tags of a new source server: the run that created it and, if included, the group's tags."""

    include_group_tags: bool
    run: str

    def missing_tags(self, pair: ReversalPair) -> dict[str, str]:
        """Return the tags that the pair's opposite server lacks. Only failback servers get the run's tag."""
        opposite = pair.opposite
        if opposite is None:
            return {}
        wanted = dict(pair.group.tags or {}) if self.include_group_tags else {}
        if opposite.direction is ReplicationDirection.FAILBACK and RUN_TAG not in opposite.tags:
            wanted[RUN_TAG] = self.run
        return {key: value for key, value in wanted.items() if opposite.tags.get(key) != value}


def find_recovered_instances(
    drs: DrsClient, groups: Sequence[ServerGroup], region: str, *, is_drill: bool = False
) -> tuple[dict[str, RecoveryInstance], str]:
    """Return the groups' live recovery instances by source server ID, and text that names servers without one.

    With `is_drill`, return only drill instances, else only instances that serve users. Raises NotFound when no server
    has one.
    """
    return _find_in_resolved(drs, resolve_groups(drs, groups, region), region, is_drill=is_drill)


def _find_in_resolved(
    drs: DrsClient, resolved: Sequence[tuple[ServerGroup, Sequence[SourceServer]]], region: str, *, is_drill: bool
) -> tuple[dict[str, RecoveryInstance], str]:
    servers = list({s.id: s for _, found in resolved for s in found}.values())
    instances = queries.list_recovery_instances(drs, [server.id for server in servers])
    found = {i.server: i for i in instances if i.is_live and i.is_drill is is_drill}
    if not found:
        what = "drill instance" if is_drill else "live recovery instance"
        raise NotFound(f"no {what} in {region} of {', '.join(server.label for server in servers)}")
    return found, describe_missing_instances(servers, found)


def reverse_groups(
    drs: DrsClient,
    other_drs: DrsClient,
    groups: Sequence[ServerGroup],
    region: str,
    other_region: str,
    *,
    server_tags: FailbackServerTags,
    is_drill: bool = False,
    own_runs: Callable[[], Collection[str]] = tuple,
) -> ReversalResult:
    """Reverse and tag what is missing. `other_drs` is the client of the other Region.

    For a drill, also delete blocking servers that one of `own_runs` created: this run, or a run that it took over from
    and whose rollback did not finish. Raises NotFound, or, before anything is reversed, NotReady for problems that an
    operator must fix.
    """
    try:
        # First, because this Region may be unavailable. Then there is no need to look at the other one in each poll.
        unparsed = queries.list_unparsed_servers(other_drs)
    except _UNREACHABLE as error:
        return ReversalResult({}, (), "", error)
    resolved = resolve_groups(drs, groups, region)
    instances, missing_text = _find_in_resolved(drs, resolved, region, is_drill=is_drill)
    servers = [(group, server) for group, members in resolved for server in members if server.id in instances]
    machines: dict[str, str] = {}
    waiting: list[str] = []
    try:
        opposites = queries.parse_opposite_servers(unparsed, [server for _, server in servers])
        pairs = [ReversalPair(g, s, instances[s.id], _find_opposite(s, opposites)) for g, s in servers]
        if is_drill and (deleted := _delete_blocking_servers(other_drs, pairs, own_runs)):
            return ReversalResult({}, deleted, missing_text)
        _require_reversible(pairs, region, other_region)
        for pair in pairs:
            if leave_rest():
                waiting.append(f"{pair.server.label}: continues with the next poll")
            elif pair.is_reversed(region) or not _reverse_pair(drs, pair, region, waiting):
                _tag_opposite(other_drs, pair, server_tags, waiting)
                machines[pair.instance.ec2_instance] = pair.opposite.id if pair.opposite else ""
    except _UNREACHABLE as error:
        return ReversalResult(machines, waiting, missing_text, error)
    return ReversalResult(machines, waiting, missing_text)


def _find_opposite(server: SourceServer, opposites: Sequence[SourceServer]) -> SourceServer | None:
    return next((o for o in opposites if o.opposite == server.arn or o.arn == server.opposite), None)


def _delete_blocking_servers(
    other_drs: DrsClient, pairs: Sequence[ReversalPair], own_runs: Callable[[], Collection[str]]
) -> list[str]:
    """Delete the blocking servers that these runs created, and describe each.

    A disconnected server protects nothing and can't be reconnected.
    """
    found = [
        (pair, blocking)
        for pair in pairs
        if (blocking := pair.blocking_server) and blocking.direction is ReplicationDirection.FAILBACK
    ]
    own = own_runs() if found else ()
    notes = []
    for pair, blocking in found:
        if blocking.tags.get(RUN_TAG) in own:
            with suppress(NotFound):  # an earlier call whose response was lost has deleted it
                teardown.delete_servers(other_drs, [blocking])
            notes.append(f"{pair.server.label}: deleted {blocking.id}, left by a drill whose rollback did not finish")
    return notes


def _require_reversible(pairs: Sequence[ReversalPair], region: str, other_region: str) -> None:
    problems = []
    for pair in pairs:
        if pair.is_reversed(region):
            continue
        if pair.instance.ec2_state is not Ec2State.RUNNING:
            problems.append(f"{pair.server.label}: {pair.instance.ec2_instance} is {pair.instance.ec2_state.value}")
        if opposite := pair.blocking_server:
            problems.append(
                f"{pair.server.label}: {opposite.id} in {other_region} is disconnected, left by an earlier failback: "
                "delete it"
            )
    if problems:
        raise NotReady(f"replication can't be reversed: {'; '.join(problems)}")


def _reverse_pair(drs: DrsClient, pair: ReversalPair, region: str, waiting: list[str]) -> bool:
    """Send the reversal. Return False if DRS refuses it and the other Region shows that it is already done."""
    try:
        with translate_errors("drs:ReverseReplication"):
            drs.reverse_replication(recoveryInstanceID=pair.instance.id)
    except Busy as error:
        if pair.is_replicated_from(region):
            return False
        waiting.append(f"{pair.server.label}: {error}; looking again")
        return True
    waiting.append(f"{pair.server.label}: the replication of {pair.instance.ec2_instance} is being reversed")
    return True


def _tag_opposite(
    other_drs: DrsClient, pair: ReversalPair, server_tags: FailbackServerTags, waiting: list[str]
) -> None:
    wanted, opposite = server_tags.missing_tags(pair), pair.opposite
    if opposite is None or not wanted:
        return
    with translate_errors("drs:TagResource"):
        other_drs.tag_resource(resourceArn=opposite.arn, tags=wanted)
    waiting.append(f"{opposite.id} was tagged like group {pair.group.name!r}")
