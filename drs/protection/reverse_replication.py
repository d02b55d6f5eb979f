"""Reverse replication: each recovered machine gets a source server in the other Region, tagged like its group.

Called until done, and safe to call at any time. Whether a machine is reversed is read from the other Region: the
opposite source server replicates, and from this very machine. It may show late there; until it does, nothing is done.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import AnswerLost, Busy, LeewardError, NotFound, NotReady, ServiceUnavailable, Throttled
from leeward.drs.api import queries
from leeward.drs.api.models import RecoveryInstance, SourceServer
from leeward.drs.api.states import Ec2State, ReplicationDirection, ReplicationState
from leeward.drs.inventory.recovery_instances import describe_missing_instances
from leeward.drs.inventory.recovery_jobs import RUN_TAG
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups
from leeward.drs.protection import teardown

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient

# A reversal takes seconds: no new one is begun after this, so that a look ends within the task's 60 s.
_TIME_LIMIT_SECONDS = 20.0
_FAILBACK_NOT_STARTED = "FAILBACK_NOT_STARTED"


@dataclass(frozen=True, slots=True)
class ReversalPair:
    """A recovered machine of a group, the server it was launched for, and the other direction's server, if any."""

    group: ServerGroup
    server: SourceServer
    instance: RecoveryInstance
    opposite: SourceServer | None

    def is_replicated_from(self, region: str) -> bool:
        """Whether the opposite server replicates this very machine."""
        there = self.opposite
        if there is None or not there.replication.state.is_replicating or there.cloud.region != region:
            return False
        return there.machine == self.instance.ec2_instance

    @property
    def blocking_server(self) -> SourceServer | None:
        """A disconnected server of the other direction: DRS reverses nothing onto it, and can only delete it."""
        there = self.opposite
        return there if there is not None and there.replication.state is ReplicationState.DISCONNECTED else None

    def is_reversed(self, region: str) -> bool:
        """Whether the reversal was begun too: a machine that was launched into its old body has kept its old id."""
        return self.instance.failback.state != _FAILBACK_NOT_STARTED and self.is_replicated_from(region)


@dataclass(frozen=True, slots=True)
class ReversalResult:
    """What a look found. `machines`: EC2 id to the id of the source server that replicates it from now on.

    `unreachable`: what the other Region answered, where it could not be reached.
    """

    machines: Mapping[str, str]
    waiting: Sequence[str]
    missing_text: str
    unreachable: LeewardError | None = None


@dataclass(frozen=True, slots=True)
class FailbackServerTags:
    """What is put on a new source server: the group's tags (`group`), and the run that made it."""

    include_group_tags: bool
    run: str

    def missing_tags(self, pair: ReversalPair) -> dict[str, str]:
        """Those that the pair's opposite does not carry. Only a failback server is of a run's making."""
        there = pair.opposite
        if there is None:
            return {}
        wanted = dict(pair.group.tags or {}) if self.include_group_tags else {}
        if there.direction is ReplicationDirection.FAILBACK and RUN_TAG not in there.tags:
            wanted[RUN_TAG] = self.run
        return {key: value for key, value in wanted.items() if there.tags.get(key) != value}


def find_recovered_instances(
    drs: DrsClient, groups: Sequence[ServerGroup], region: str, *, is_drill: bool = False
) -> tuple[dict[str, RecoveryInstance], str]:
    """The live recovery instances of the groups by source server id, and words on servers without one.

    Either a drill's, or those that serve. Raises NotFound when no server has one.
    """
    return _find_in_resolved(drs, resolve_groups(drs, groups, region), region, is_drill=is_drill)


def _find_in_resolved(
    drs: DrsClient, resolved: Sequence[tuple[ServerGroup, Sequence[SourceServer]]], region: str, *, is_drill: bool
) -> tuple[dict[str, RecoveryInstance], str]:
    servers = list({s.id: s for _, found in resolved for s in found}.values())
    instances = queries.list_recovery_instances(drs, [server.id for server in servers])
    found = {i.server: i for i in instances if i.is_live and i.is_drill is is_drill}
    if not found:
        what = "drill's instance" if is_drill else "live recovery instance"
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
    """Look, reverse what is not reversed, tag what is not tagged. `there` is the client of the other Region.

    Of a drill, what is in the way and was made by one of `runs` (this one, and those that it took over from, which
    could not take it back to the end) is deleted. Raises NotReady for what a person must mend first (nothing is
    reversed then), NotFound.
    """
    resolved = resolve_groups(drs, groups, region)
    found, without = _find_in_resolved(drs, resolved, region, is_drill=is_drill)
    servers = [(group, server) for group, those in resolved for server in those if server.id in found]
    machines: dict[str, str] = {}
    waiting: list[str] = []
    try:
        opposites = queries.list_opposite_servers(other_drs, [server for _, server in servers])
        pairs = [ReversalPair(g, s, found[s.id], _find_opposite(s, opposites)) for g, s in servers]
        if is_drill and (deleted := _delete_blocking_servers(other_drs, pairs, own_runs)):
            return ReversalResult({}, deleted, without)
        _require_reversible(pairs, region, other_region)
        ends = time.monotonic() + _TIME_LIMIT_SECONDS
        for pair in pairs:
            if time.monotonic() > ends:
                waiting.append(f"{pair.server.label}: its turn comes with the next look")
            elif pair.is_reversed(region) or not _reverse_pair(drs, pair, region, waiting):
                _tag_opposite(other_drs, pair, server_tags, waiting)
                machines[pair.instance.ec2_instance] = pair.opposite.id if pair.opposite else ""
    except (ServiceUnavailable, AnswerLost, Throttled) as error:
        return ReversalResult(machines, waiting, without, error)
    return ReversalResult(machines, waiting, without)


def _find_opposite(server: SourceServer, opposites: Sequence[SourceServer]) -> SourceServer | None:
    return next((o for o in opposites if o.opposite == server.arn or o.arn == server.opposite), None)


def _delete_blocking_servers(
    other_drs: DrsClient, pairs: Sequence[ReversalPair], own_runs: Callable[[], Collection[str]]
) -> list[str]:
    """Delete what these runs have left in the way; in words. It protects nothing, and can't be connected again."""
    found = [
        (pair, left)
        for pair in pairs
        if (left := pair.blocking_server) and left.direction is ReplicationDirection.FAILBACK
    ]
    own = own_runs() if found else ()
    told = []
    for pair, left in found:
        if left.tags.get(RUN_TAG) in own:
            with suppress(NotFound):  # an earlier call, whose answer was lost, has deleted it
                teardown.delete_servers(other_drs, [left])
            told.append(
                f"{pair.server.label}: {left.id}, left by a drill that was not taken back to the end, is deleted"
            )
    return told


def _require_reversible(pairs: Sequence[ReversalPair], region: str, other_region: str) -> None:
    problems = []
    for pair in pairs:
        if pair.is_reversed(region):
            continue
        if pair.instance.ec2_state is not Ec2State.RUNNING:
            problems.append(f"{pair.server.label}: {pair.instance.ec2_instance} is {pair.instance.ec2_state.value}")
        if there := pair.blocking_server:
            problems.append(
                f"{pair.server.label}: {there.id} in {other_region} is disconnected, left by an earlier failback: "
                "delete it"
            )
    if problems:
        raise NotReady(f"replication can't be reversed: {'; '.join(problems)}")


def _reverse_pair(drs: DrsClient, pair: ReversalPair, region: str, waiting: list[str]) -> bool:
    """Send the reversal. False when DRS refuses it and the other Region shows that it was done before."""
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
