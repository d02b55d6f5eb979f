"""Plays the failovers of a fleet, and measures the calls, throttled calls, and failures of each kind of step."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from leeward.common.naming import resource_names
from leeward.rehearsal.results.result_models import RunStepStatus, StepReport
from leeward.rehearsal.results.step_progress import StepProgress
from leeward.rehearsal.roles.task_roles import compute_roles
from leeward.rehearsal.scenarios.fast_timings import FAST_DRS_TIMINGS
from leeward.rehearsal.scenarios.scenario_documents import OperatorSettings, Scenario, ScenarioIncident
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.task_functions import find_task_name
from leeward.rehearsal.worlds.task_deployment import deploy_tasks
from leeward.state_machines.build import BuiltRunbook
from tests.rehearsals.fleet.fleet_documents import (
    EAST,
    GROUPS,
    SERVERS,
    WEST,
    compile_fleet,
    compile_part,
    compile_preflight,
    fleet_world,
)

THROTTLING_SERVICES = ("drs", "ec2", "elbv2", "route53", "route53-recovery-cluster")
ROUTED_APPLICATIONS = 99
_ROUTING = ("arc.route", "route53.weights")
_PHASES = (("drs.recover",), ("alb.register", "drs.protect"))
_THROTTLES = {"Throttling", "ThrottlingException", "RequestLimitExceeded"}
# The generated machines call the short names, which a deployment replaces with the application's.
_FUNCTION_NAME = re.compile(r'"leeward-(?=[a-z0-9-]+")')


@dataclass(frozen=True, slots=True)
class StepMeasurement:
    """One kind of step in all runs. `throttled` counts the throttled calls by service.

    `failures` are the errors with which the step's functions ended, including those that a retry survived. `ended`
    counts how the steps ended.
    """

    kind: str
    calls: int
    throttled: Mapping[str, int]
    longest_seconds: float
    failures: frozenset[str]
    ended: Mapping[RunStepStatus, int]

    @property
    def unmet(self) -> int:
        """The number of steps that did not end as done."""
        return sum(count for status, count in self.ended.items() if status is not RunStepStatus.DONE)


def measure_one_application(servers: int = SERVERS, groups: int = GROUPS) -> list[StepMeasurement]:
    """The failover of one application with all servers. The operator skips each step that fails."""
    with _session(compile_fleet(servers, groups), groups) as session:
        run = session.start_run("fleet", {"reason": "a rehearsal"})
        session.wait_for_end(run)
        return list(_measure(session, run.progress.steps))


def measure_separate_applications(applications: int = GROUPS) -> list[StepMeasurement]:
    """The failovers of applications that share the servers, all in one account and started at the same time.

    A step that fails doesn't stop its run.
    """
    return _measure_together([_compile_parts(applications, SERVERS, GROUPS)], SERVERS, GROUPS)


def measure_continuation(applications: int = 20, groups: int = 100) -> list[StepMeasurement]:
    """What follows in such failovers that all go on at the same time, after the last launch has ended."""
    phases = [_compile_parts(applications, SERVERS, groups, only) for only in _PHASES]
    return _measure_together(phases, SERVERS, groups)


def measure_routing(applications: int = ROUTED_APPLICATIONS) -> list[StepMeasurement]:
    """The moves of the users of applications with one server, started at the same time. The standby runs already."""
    parts = _compile_parts(applications, applications, applications, _ROUTING)
    return _measure_together([parts], applications, applications)


def _compile_parts(applications: int, servers: int, groups: int, only: Sequence[str] = ()) -> list[BuiltRunbook]:
    return [compile_part(n, applications, servers, groups, only) for n in range(1, applications + 1)]


def throttled_services(measurements: Iterable[StepMeasurement]) -> set[str]:
    """The services that throttled at least one call."""
    return {service for each in measurements for service in each.throttled}


def _measure_together(phases: Sequence[Sequence[BuiltRunbook]], servers: int, groups: int) -> list[StepMeasurement]:
    """Start the runs of a phase at the same time, and those of the next one when all have ended."""
    with _session(compile_preflight(servers, groups), groups) as session:
        progress: dict[str, StepProgress] = {}

        def observe(execution: str, event: Mapping[str, Any]) -> None:
            if execution in progress:
                progress[execution].observe(event)

        session.engine.add_event_listener(observe)
        for part in phases[0]:
            for region in (EAST, WEST):
                deploy_tasks(session.engine, region, part.application.application)
        for parts in phases:
            machines = [_deploy(session, part) for part in parts]
            for part, machine in zip(parts, machines, strict=True):
                execution = session.engine.start_execution(machine, "fleet", {"reason": "a rehearsal"})
                progress[execution] = StepProgress(part.compiled.steps)
            for execution in progress:
                session.engine.wait_for_execution(execution)
        return list(_measure(session, [step for each in progress.values() for step in each.steps]))


def _deploy(session: RehearsalSession, part: BuiltRunbook) -> str:
    """Give the tasks the roles that the runbook needs. Return the ARN of its machine."""
    name = part.application.application
    session.guard.roles = {**session.guard.roles, **compute_roles(session.engine, part.application, [part])}
    text = _FUNCTION_NAME.sub(f'"{resource_names.application_prefix(name)}-', part.compiled.text)
    return session.engine.create_state_machine(
        WEST, resource_names.state_machine_name(name, part.runbook.runbook), text
    )


@contextmanager
def _session(ready: BuiltRunbook, groups: int) -> Iterator[RehearsalSession]:
    operator = OperatorSettings(failure="skip", answers_after=timedelta(seconds=5))
    scenario = Scenario(scenario="fleet", incident=ScenarioIncident(at=timedelta(minutes=1)), operator=operator)
    with RehearsalSession(ready, fleet_world(groups), scenario, 7, timings=FAST_DRS_TIMINGS) as session:
        yield session


def _measure(session: RehearsalSession, steps: Iterable[StepReport]) -> Iterator[StepMeasurement]:
    ended: dict[str, Counter[RunStepStatus]] = {}
    for step in steps:
        ended.setdefault(step.kind, Counter())[step.status] += 1
    calls = [(find_task_name(call.caller), call) for call in session.engine.interceptor.calls if call.caller]
    invocations = [(find_task_name(each.function), each) for each in session.engine.functions.invocations]
    for kind, statuses in ended.items():
        task = "lock_acquire" if kind == "lock" else kind.replace(".", "_")
        own_calls = [call for name, call in calls if name == task and call.service in THROTTLING_SERVICES]
        own = [each for name, each in invocations if name == task]
        throttled = Counter(call.service for call in own_calls if call.outcome in _THROTTLES)
        longest = max((((i.ended_at or i.began_at) - i.began_at).total_seconds() for i in own), default=0.0)
        failures = frozenset(i.error_type for i in own if i.error_type is not None)
        yield StepMeasurement(kind, len(own_calls), throttled, longest, failures, statuses)
