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

from leeward.common.aws import naming_errors
from leeward.common.errors import AnswerLost, Busy, LeewardError, NotFound, NotReady, ServiceUnavailable, Throttled
from leeward.drs import calls, dismantling
from leeward.drs.instances import left_out
from leeward.drs.jobs import RUN
from leeward.drs.model import RecoveryInstance, SourceServer
from leeward.drs.servers import Group, resolve_each
from leeward.drs.states import Direction, Ec2State, ReplicationState

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient

# A reversal takes seconds: no new one is begun after this, so that a look ends within the task's 60 s.
_LOOK_SECONDS = 20.0
_NOT_BEGUN = "FAILBACK_NOT_STARTED"


@dataclass(frozen=True, slots=True)
class Pair:
    """A recovered machine of a group, the server it was launched for, and the other direction's server, if any."""

    group: Group
    server: SourceServer
    instance: RecoveryInstance
    opposite: SourceServer | None

    def replicated_from(self, region: str) -> bool:
        """Whether the opposite server replicates this very machine."""
        there = self.opposite
        if there is None or not there.replication.state.replicates or there.cloud.region != region:
            return False
        return there.machine == self.instance.ec2_instance

    @property
    def in_the_way(self) -> SourceServer | None:
        """A disconnected server of the other direction: DRS reverses nothing onto it, and can only delete it."""
        there = self.opposite
        return there if there is not None and there.replication.state is ReplicationState.DISCONNECTED else None

    def is_reversed(self, region: str) -> bool:
        """Whether the reversal was begun too: a machine that was launched into its old body has kept its old id."""
        return self.instance.failback.state != _NOT_BEGUN and self.replicated_from(region)


@dataclass(frozen=True, slots=True)
class Reversal:
    """What a look found. `machines`: EC2 id to the id of the source server that replicates it from now on.

    `unreachable`: what the other Region answered, where it could not be reached.
    """

    machines: Mapping[str, str]
    waiting: Sequence[str]
    left_out: str
    unreachable: LeewardError | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """What is put on a new source server: the group's tags (`group`), and the run that made it."""

    group: bool
    run: str

    def lacking(self, pair: Pair) -> dict[str, str]:
        """Those that the pair's opposite does not carry. Only a failback server is of a run's making."""
        there = pair.opposite
        if there is None:
            return {}
        wanted = dict(pair.group.tags or {}) if self.group else {}
        if there.direction is Direction.FAILBACK and RUN not in there.tags:
            wanted[RUN] = self.run
        return {key: value for key, value in wanted.items() if there.tags.get(key) != value}


def recovered(
    drs: DrsClient, groups: Sequence[Group], region: str, *, is_drill: bool = False
) -> tuple[dict[str, RecoveryInstance], str]:
    """The live recovery instances of the groups by source server id, and words on servers without one.

    Either a drill's, or those that serve. Raises NotFound when no server has one.
    """
    return _recovered(drs, resolve_each(drs, groups, region), region, is_drill=is_drill)


def _recovered(
    drs: DrsClient, resolved: Sequence[tuple[Group, Sequence[SourceServer]]], region: str, *, is_drill: bool
) -> tuple[dict[str, RecoveryInstance], str]:
    servers = list({s.id: s for _, found in resolved for s in found}.values())
    instances = calls.recovery_instances(drs, [server.id for server in servers])
    found = {i.server: i for i in instances if i.live and i.is_drill is is_drill}
    if not found:
        what = "drill's instance" if is_drill else "live recovery instance"
        raise NotFound(f"no {what} in {region} of {', '.join(server.label for server in servers)}")
    return found, left_out(servers, found)


def reverse(
    drs: DrsClient,
    there: DrsClient,
    groups: Sequence[Group],
    region: str,
    other_region: str,
    *,
    marks: Marks,
    is_drill: bool = False,
    runs: Callable[[], Collection[str]] = tuple,
) -> Reversal:
    """Look, reverse what is not reversed, tag what is not tagged. `there` is the client of the other Region.

    Of a drill, what is in the way and was made by one of `runs` (this one, and those that it took over from, which
    could not take it back to the end) is deleted. Raises NotReady for what a person must mend first (nothing is
    reversed then), NotFound.
    """
    resolved = resolve_each(drs, groups, region)
    found, without = _recovered(drs, resolved, region, is_drill=is_drill)
    servers = [(group, server) for group, those in resolved for server in those if server.id in found]
    machines: dict[str, str] = {}
    waiting: list[str] = []
    try:
        opposites = calls.opposites(there, [server for _, server in servers])
        pairs = [Pair(g, s, found[s.id], _opposite(s, opposites)) for g, s in servers]
        if is_drill and (deleted := _clear(there, pairs, runs)):
            return Reversal({}, deleted, without)
        _require_reversible(pairs, region, other_region)
        ends = time.monotonic() + _LOOK_SECONDS
        for pair in pairs:
            if time.monotonic() > ends:
                waiting.append(f"{pair.server.label}: its turn comes with the next look")
            elif pair.is_reversed(region) or not _reverse(drs, pair, region, waiting):
                _tag(there, pair, marks, waiting)
                machines[pair.instance.ec2_instance] = pair.opposite.id if pair.opposite else ""
    except (ServiceUnavailable, AnswerLost, Throttled) as error:
        return Reversal(machines, waiting, without, error)
    return Reversal(machines, waiting, without)


def _opposite(server: SourceServer, opposites: Sequence[SourceServer]) -> SourceServer | None:
    return next((o for o in opposites if o.opposite == server.arn or o.arn == server.opposite), None)


def _clear(there: DrsClient, pairs: Sequence[Pair], runs: Callable[[], Collection[str]]) -> list[str]:
    """Delete what these runs have left in the way; in words. It protects nothing, and can't be connected again."""
    found = [(pair, left) for pair in pairs if (left := pair.in_the_way) and left.direction is Direction.FAILBACK]
    own = runs() if found else ()
    told = []
    for pair, left in found:
        if left.tags.get(RUN) in own:
            with suppress(NotFound):  # an earlier call, whose answer was lost, has deleted it
                dismantling.delete(there, [left])
            told.append(
                f"{pair.server.label}: {left.id}, left by a drill that was not taken back to the end, is deleted"
            )
    return told


def _require_reversible(pairs: Sequence[Pair], region: str, other_region: str) -> None:
    problems = []
    for pair in pairs:
        if pair.is_reversed(region):
            continue
        if pair.instance.ec2_state is not Ec2State.RUNNING:
            problems.append(f"{pair.server.label}: {pair.instance.ec2_instance} is {pair.instance.ec2_state.value}")
        if there := pair.in_the_way:
            problems.append(
                f"{pair.server.label}: {there.id} in {other_region} is disconnected, left by an earlier failback: "
                "delete it"
            )
    if problems:
        raise NotReady(f"replication can't be reversed: {'; '.join(problems)}")


def _reverse(drs: DrsClient, pair: Pair, region: str, waiting: list[str]) -> bool:
    """Send the reversal. False when DRS refuses it and the other Region shows that it was done before."""
    try:
        with naming_errors("drs:ReverseReplication"):
            drs.reverse_replication(recoveryInstanceID=pair.instance.id)
    except Busy as error:
        if pair.replicated_from(region):
            return False
        waiting.append(f"{pair.server.label}: {error}; looking again")
        return True
    waiting.append(f"{pair.server.label}: the replication of {pair.instance.ec2_instance} is being reversed")
    return True


def _tag(there: DrsClient, pair: Pair, marks: Marks, waiting: list[str]) -> None:
    wanted, opposite = marks.lacking(pair), pair.opposite
    if opposite is None or not wanted:
        return
    with naming_errors("drs:TagResource"):
        there.tag_resource(resourceArn=opposite.arn, tags=wanted)
    waiting.append(f"{opposite.id} was tagged like group {pair.group.name!r}")
