"""Splits a measured RTO into the time that AWS, the operator, and the users' clients need, and Leeward's overhead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from moto.ec2 import ec2_backends

from leeward.kinds.descriptors.effects import Effect
from leeward.rehearsal.results.result_models import RehearsalResult
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.step_kinds.step_behavior import has_effect
from leeward.twin.aws.moto_fixes import ec2_status_checks
from leeward.twin.aws.seeded_services.elbv2_load_balancers import HealthCheckSettings
from leeward.twin.internet.instances import GROUP_TAG

_SWITCH = "route53-recovery-cluster:UpdateRoutingControlStates"


@dataclass(frozen=True, slots=True)
class CriticalPath:
    """The parts of an RTO that no polling can shorten, in seconds.

    - `detection`: from the incident until the operator starts the run.
    - `approval`: how long the operator takes to answer.
    - `launches`: the slowest chain of groups that wait for each other, each from its recovery job to the status checks.
    - `target_health`: the shortest time in which a load balancer finds a new target healthy.
    - `users`: from the change of the routing until all clients are served: TTL, propagation, and kept connections.
    """

    detection: float
    approval: float
    launches: float
    target_health: float
    users: float

    def overhead(self, rto: float) -> float:
        """Return what is left of the RTO: Leeward's polling, calls, checks, and cold starts."""
        return rto - sum(asdict(self).values())


def read_critical_path(session: RehearsalSession, run: RehearsedRun, result: RehearsalResult) -> CriticalPath | None:
    """Return the critical path of a failover, or None if its RTO was not measured or no routing control was changed."""
    switches = [
        call.at
        for call in session.engine.interceptor.calls
        if call.operation == _SWITCH and call.outcome == "ok" and call.at >= run.started_at
    ]
    if result.rto.measured_seconds is None or not switches:
        return None
    served_at = run.trouble_started_at + timedelta(seconds=result.rto.measured_seconds)
    approvals = sum(has_effect(step, Effect.ASKS_APPROVAL) for step in run.ready.runbook.steps)
    health = HealthCheckSettings()
    return CriticalPath(
        detection=(result.started_at - run.trouble_started_at).total_seconds(),
        approval=approvals * session.scenario.operator.answers_after.total_seconds(),
        launches=_slowest_chain(session, run),
        target_health=(health.healthy_threshold - 1) * health.interval,
        users=(served_at - switches[-1]).total_seconds(),
    )


def _slowest_chain(session: RehearsalSession, run: RehearsedRun) -> float:
    needed = _launch_seconds(session, run)
    after = {name: group.after for name, group in session.application.components_of_kind(ServerGroupComponent)}

    def chain(group: str) -> float:
        return needed[group] + max((chain(earlier) for earlier in after[group]), default=0.0)

    return max(map(chain, needed), default=0.0)


def _launch_seconds(session: RehearsalSession, run: RehearsedRun) -> Mapping[str, float]:
    """Return for each group how long its slowest server took from its recovery job to the passed status checks."""
    created_at = {job.job_id: job.created_at for job in session.world.drs.jobs(run.way.target)}
    slowest: dict[str, float] = {}
    for machine in session.launched_instances:
        seconds = _ready_at(session, machine.region, machine.ec2_instance_id) - created_at[machine.job_id]
        group = machine.tags[GROUP_TAG]
        slowest[group] = max(slowest.get(group, 0.0), seconds.total_seconds())
    return slowest


def _ready_at(session: RehearsalSession, region: str, instance_id: str) -> datetime:
    instance = ec2_backends[session.application.account][region].get_instance(instance_id)
    return ec2_status_checks.checks_pass_at(instance)
