"""Retire the copies that a failback leaves behind: gather, judge all, then one act per machine, look by look.

Nothing is destroyed while the new protection of a single machine of the groups is unproven.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from leeward.common.aws import naming_errors
from leeward.common.errors import NotFound, NotProtected, Transient
from leeward.common.polling import Look
from leeward.drs import calls, dismantling, jobs, protection
from leeward.drs.instances import machines
from leeward.drs.jobs import TERMINATE
from leeward.drs.model import Job, RecoveryInstance, SourceServer
from leeward.drs.retirement import Act, Estate, next_act, objection
from leeward.drs.servers import Group, resolve_each
from leeward.drs.states import LaunchStatus

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client

_LOOK_BACK = timedelta(hours=1)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Place:
    """One Region, and its clients."""

    region: str
    drs: DrsClient
    ec2: EC2Client


@dataclass(frozen=True, slots=True)
class Retirement:
    """The copies in `here` of machines that serve in `there` again."""

    here: Place
    there: Place
    groups: Sequence[Group]
    lag: timedelta

    def look(self, now: datetime) -> Look:
        """One pass. Raises NotProtected, before anything is done, naming every machine that is not proven safe."""
        servers = {s.id: s for _, found in resolve_each(self.here.drs, self.groups, self.here.region) for s in found}
        recent = calls.jobs_since(self.here.drs, now - _LOOK_BACK)
        estates = self._estates(list(servers.values()), recent)
        objections = [(e.server, why) for e in estates if (why := objection(e, self.there.region, self.lag, now))]
        if objections:
            each = "; ".join(f"{server.label}: {why}" for server, why in objections)
            raise NotProtected(f"nothing is retired in {self.here.region}: {each}")
        left = [estate for estate in estates if not estate.empty]
        notes = [f"{e.server.label}: {self._do(next_act(e), e)}{_failure(self.here.drs, e, recent)}" for e in left]
        done = f"{len(estates) - len(left)} of {len(estates)} machines have no copy left in {self.here.region}"
        more = [f"and {len(notes) - _SHOWN} more"] if len(notes) > _SHOWN else []
        return Look(not left, "; ".join([done, *notes[:_SHOWN], *more]))

    def _estates(self, servers: Sequence[SourceServer], recent: Sequence[Job]) -> list[Estate]:
        copies = calls.recovery_instances(self.here.drs, [server.id for server in servers])
        ways_back = calls.opposites(self.there.drs, servers)
        launched = calls.recovery_instances(self.there.drs, [way.id for way in ways_back])
        named = {s.machine for s in servers if s.machine} | {i.ec2_instance for i in launched}
        seen = machines(self.there.ec2, sorted(named))
        busy = {part.server for job in recent if job.active for part in job.participants}
        made = []
        for server in servers:
            ways = tuple(w for w in ways_back if w.opposite == server.arn or w.arn == server.opposite)
            ids = {way.id for way in ways}
            made.append(
                Estate(
                    server=server,
                    copies=tuple(i for i in copies if i.server == server.id),
                    ways_back=ways,
                    launched=tuple(i for i in launched if i.server in ids),
                    machines=seen,
                    busy=server.id in busy,
                )
            )
        return self._with_bodies(made)

    def _with_bodies(self, estates: Sequence[Estate]) -> list[Estate]:
        """With what EC2 says of the copies that DRS does not list any more."""
        unlisted = [estate for estate in estates if not estate.copies]
        seen = machines(self.here.ec2, sorted({way for estate in unlisted for way in estate.replicated}))
        return [
            estate if estate.copies else replace(estate, bodies={i: seen[i] for i in estate.replicated if i in seen})
            for estate in estates
        ]

    def _do(self, act: Act, estate: Estate) -> str:
        """Carry it out, and say so. What hinders it is told, and left to the next look.

        NotFound is told too: an earlier call, whose answer was lost, may have deleted it.
        """
        ways = estate.ways_back
        try:
            match act:
                case Act.STOP_REPLICATION:
                    dismantling.stop(self.there.drs, ways)
                case Act.TERMINATE:
                    self._terminate(estate.copies)
                case Act.DELETE_INSTANCE:
                    self._delete_instances([instance.id for instance in estate.launched])
                case Act.DISCONNECT:
                    dismantling.disconnect(self.there.drs, ways)
                case Act.DELETE_SERVER:
                    dismantling.delete(self.there.drs, ways)
                case Act.ASK_AGAIN:
                    return f"{act.value} ({', '.join(estate.bodies)})"
                case Act.WAIT | Act.NONE:
                    pass
                case _:
                    assert_never(act)
        except (Transient, NotFound) as error:
            return f"{error}; looking again"
        return act.value

    def _terminate(self, copies: Sequence[RecoveryInstance]) -> None:
        """The team's own protection comes off first, in the same look: it is there against everything but this."""
        seen = machines(self.here.ec2, [copy.ec2_instance for copy in copies])
        protection.switch(self.here.ec2, [i for i, machine in seen.items() if not machine.gone], protected=False)
        with naming_errors("drs:TerminateRecoveryInstances"):
            self.here.drs.terminate_recovery_instances(recoveryInstanceIDs=[copy.id for copy in copies])

    def _delete_instances(self, ids: Sequence[str]) -> None:
        for instance in ids:
            with naming_errors("drs:DeleteRecoveryInstance"):
                self.there.drs.delete_recovery_instance(recoveryInstanceID=instance)


def _failure(drs: DrsClient, estate: Estate, recent: Sequence[Job]) -> str:
    """Why the last try to terminate failed, where it did: the job log's own reason."""
    tries = [job for job in recent if job.type == TERMINATE and job.participant(estate.server.id)]
    if not estate.copies or estate.busy or not tries:
        return ""
    part = tries[-1].participant(estate.server.id)
    if part is None or part.launch_status != LaunchStatus.FAILED:
        return ""
    told = jobs.reasons(drs, [(tries[-1].id, estate.server.id)])[estate.server.id]
    return f" (again: {tries[-1].id} failed: {told})"
