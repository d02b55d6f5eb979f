"""A rehearsal session: the open world of one application, with its users and its incident, in which runs can start.

A rehearsal starts one run. A test can start several runs at once, or inject a fault during a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from types import MappingProxyType, TracebackType
from typing import Any, Self

from leeward.common.naming import resource_names
from leeward.rehearsal.incidents.region_outages import RegionOutages
from leeward.rehearsal.incidents.scenario_schedule import schedule_scenario
from leeward.rehearsal.incidents.service_failures import find_service_failure
from leeward.rehearsal.invariants.run_record import DestroyedCopy, RoutingChange
from leeward.rehearsal.observations.routing_observer import RoutingObserver
from leeward.rehearsal.observations.step_observer import StepObserver
from leeward.rehearsal.observations.unprotected_intervals import CHECK_INTERVAL_SECONDS, ProtectionMonitor
from leeward.rehearsal.results.step_progress import StepProgress
from leeward.rehearsal.roles.task_roles import enforce_task_roles
from leeward.rehearsal.scenarios import scenario_documents
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.session.run_journals import RunJournals
from leeward.rehearsal.session.simulated_operator import SimulatedOperator
from leeward.rehearsal.worlds.leeward_deployment import LeewardDeployment
from leeward.rehearsal.worlds.world_builder import World, build_world
from leeward.state_machines.application.application_document import VariantName
from leeward.state_machines.build import BuiltRunbook
from leeward.twin.aws.drs import DrsTimings
from leeward.twin.aws.drs.state.drs_records import LaunchedInstance, SourceServer
from leeward.twin.engine import Engine, ExecutionResult
from leeward.twin.policies.call_authorizer import CallAuthorizer
from leeward.twin.realism.realism_settings import Realism

# A fixed time, so that the same seed always results in the same history.
DEFAULT_START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class RehearsalSession:
    """An open world in which runs can start. Use it as a context manager. Only one can be open per process."""

    def __init__(
        self,
        ready: BuiltRunbook,
        world_document: scenario_documents.WorldDocument,
        scenario: scenario_documents.Scenario,
        seed: int,
        other_runbooks: Sequence[BuiltRunbook] = (),
        *,
        variant: VariantName | None = None,
        deployment: LeewardDeployment | None = None,
        start: datetime = DEFAULT_START,
        timings: DrsTimings | None = None,
        realism: Realism | None = None,
    ) -> None:
        """Create a session that isn't open yet. When it opens, the application serves from its primary Region.

        - `ready` is the main runbook, which `start_run` starts by default. `other_runbooks` are other runbooks of the
          same application.
        - `variant` is the routing variant. By default, it is the one that the application uses, or the first one that
          the runbook supports.
        - `deployment` comes from synthesized templates. The account then contains only the resources that they deploy,
          and tasks have the roles in the templates. Otherwise, they have the roles that the session's runbooks need.
        - `timings` is how long DRS operations take.
        - `realism` turns off delays for tests. By default, all are on.
        """
        self._timings = timings
        self.application, self.scenario, self._world_document = ready.application, scenario, world_document
        self._variant = variant or _routing_variant_of(ready)
        self._readies = {r.runbook.runbook: r for r in (ready, *other_runbooks)}
        self._main_runbook_name = ready.runbook.runbook
        self.engine = Engine(start, seed, ready.application.account, realism=realism)
        self._deployment = deployment
        self._table = (
            deployment.journal_table_name() if deployment else resource_names.table_name(ready.application.application)
        )
        self.journals = RunJournals(self.engine, ready.application, self._table)
        self._state_machine_arns: dict[str, str] = {}
        self._server_names: dict[str, str] = {}
        self.launched_instances: list[LaunchedInstance] = []
        self._exit_stack = ExitStack()
        self.destroyed_copies: list[DestroyedCopy] = []
        self._runs: dict[str, RehearsedRun] = {}
        self._operators: dict[str, SimulatedOperator] = {}
        self._run_callbacks: list[Callable[[RehearsedRun], object]] = []
        self._trouble_started_at: datetime | None = None
        self._users_paused = False

    def __enter__(self) -> Self:
        self._exit_stack.enter_context(self.engine)
        try:
            return self._build()
        except BaseException:
            self._exit_stack.close()  # otherwise, no other session could open in this process
            raise

    def _build(self) -> Self:
        regions = self.application.regions
        self.world: World = build_world(
            self.engine,
            self.application,
            self._world_document,
            origin=regions.primary,
            target=regions.standby,
            variant=self._variant,
            deployment=self._deployment,
            timings=self._timings,
        )
        self.guard: CallAuthorizer = enforce_task_roles(
            self.engine, self.application, list(self._readies.values()), self._deployment
        )
        """Evaluates each call of a task against the task's IAM role."""
        self.quotas = self.world.drs.quotas
        self.incidents_answered_until = self.engine.clock.now()
        self.region_outages = RegionOutages(self.engine, self.world)
        self.begin_incident(schedule_scenario(self.world, self.scenario))
        self.protection_monitor = ProtectionMonitor(self.world, self.engine.clock.now)
        self.step_observer = StepObserver(self.world, self._find_lock_holder)
        self.routing = RoutingObserver(self.world, self.engine.clock.now)
        self.settled_regions = self.routing.current_regions()
        """Where DNS led clients after the last run that succeeded, or at the start."""
        self.world.drs.on_launched(self.launched_instances.append)
        self.world.drs.on_copy_discarded(self._record_destroyed_copy)
        if self.world.clients is not None:
            self.engine.clock.call_every(
                1, self._send_user_requests, name="users", inline=self.world.clients.runs_inline
            )
        self.engine.clock.call_every(1, self._observe_routing, name="routing", inline=True)
        self.engine.clock.call_every(
            CHECK_INTERVAL_SECONDS, self.protection_monitor.check_protection, name="copies", inline=True
        )
        self.engine.add_event_listener(self._on_history_event)
        for name, ready in self._readies.items():
            machine = resource_names.state_machine_name(self.application.application, name)
            region, text = ready.compiled.run_regions.target, ready.compiled.text
            if self._deployment is not None:
                region, text = self._deployment.find_state_machine(machine)
            self._state_machine_arns[name] = self.engine.create_state_machine(region, machine, text)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit_stack.__exit__(kind, error, trace)

    def begin_incident(self, incident_at: datetime) -> None:
        """Record that the scenario's incident, which is already scheduled, occurs at `incident_at`."""
        self.incident_at = incident_at
        self.service_failed_at = find_service_failure(self.scenario, incident_at, self.application)
        if self.scenario.incident.dark is not None:
            self.region_outages.intervals.append((self.scenario.incident.dark, incident_at, None))

    def wait_until(self, moment: datetime) -> None:
        """Advance virtual time to `moment`."""
        self.engine.clock.sleep(max(0.0, (moment - self.engine.clock.now()).total_seconds()))

    def wait_without_users(self, duration: timedelta) -> None:
        """Advance virtual time without simulating the users' requests, which is faster."""
        self._users_paused = True
        try:
            self.engine.clock.sleep(duration.total_seconds())
        finally:
            self._users_paused = False
            self.routing.observe()

    def set_operator(self, operator: scenario_documents.OperatorSettings) -> None:
        """Change the operator's settings for all runs, including those that have already started."""
        self.scenario = self.scenario.model_copy(update={"operator": operator})
        for simulated_operator in self._operators.values():
            simulated_operator.change_settings(operator)

    def start_run(
        self,
        execution_name: str,
        run_input: Mapping[str, Any] | None = None,
        *,
        runbook: str | None = None,
        trouble_started_at: datetime | None = None,
    ) -> RehearsedRun:
        """Start a runbook now, as an operator would in the console. The scenario's operator answers its questions.

        `runbook` is the main runbook by default. `trouble_started_at` is when the incident began that the run responds
        to. By default, or if it has not begun yet, the run responds to no incident.
        """
        ready = self._readies[runbook or self._main_runbook_name]
        machine = self._state_machine_arns[ready.runbook.runbook]
        execution = self.engine.start_execution(machine, name=execution_name, execution_input=dict(run_input or {}))
        return self._runs.get(execution) or self._register_run(execution, ready, trouble_started_at, run_input or {})

    def add_run_callback(
        self, callback: Callable[[RehearsedRun], object], trouble_started_at: datetime | None = None
    ) -> None:
        """Call `callback` with each run when it starts.

        `trouble_started_at` is when the incident begins that such runs respond to. By default, there is none.
        """
        self._run_callbacks.append(callback)
        self._trouble_started_at = trouble_started_at

    def wait_for_end(self, run: RehearsedRun) -> ExecutionResult:
        """Advance virtual time until the run has ended, and return its result."""
        return self.engine.wait_for_execution(run.execution)

    def wait_for(self, condition: Callable[[], bool], timeout: timedelta) -> None:
        """Advance virtual time by seconds until `condition` is true or `timeout` has passed."""
        end = self.engine.clock.now() + timeout
        while not condition() and self.engine.clock.now() < end:
            self.engine.clock.sleep(1)

    @property
    def main_runbook(self) -> BuiltRunbook:
        """Return the runbook that `start_run` starts by default."""
        return self._readies[self._main_runbook_name]

    @property
    def routing_changes(self) -> list[RoutingChange]:
        """Return the changes of where DNS sends clients, so far."""
        return self.routing.changes

    @property
    def runs(self) -> list[RehearsedRun]:
        """Return all runs in the order of their starts."""
        return list(self._runs.values())

    def server_names(self, group: str) -> list[str]:
        """Return the names of a group's source servers."""
        return [self.server_name(server) for server in self.world.source_servers[group]]

    def server_name(self, server_id: str) -> str:
        """Return the name of a present or former source server of any Region, or its ID if the name is unknown."""
        for region in self.application.regions.both:
            self._server_names.update({server.server_id: server.name for server in self.world.drs.servers(region)})
        self._server_names.update({machine.source_server_id: machine.name for machine in self.launched_instances})
        return self._server_names.get(server_id, server_id)

    def _register_run(
        self,
        execution: str,
        ready: BuiltRunbook,
        trouble_started_at: datetime | None,
        run_input: Mapping[str, Any] = MappingProxyType({}),
    ) -> RehearsedRun:
        """Register a run that `start_run` or a trigger has started."""
        now, name = self.engine.clock.now(), execution.rpartition(":")[2]
        run_id = f"{self.application.application}.{ready.runbook.runbook}.{name}"
        since = trouble_started_at if trouble_started_at and trouble_started_at <= now else None
        progress = StepProgress(ready.compiled.steps)
        run = RehearsedRun(run_id, ready, execution, now, since or now, progress, dict(run_input), since is not None)
        self._runs[execution] = run
        self._operators[execution] = SimulatedOperator(
            self.engine, self.scenario.operator, run.way.target, self._table, run.id
        )
        for callback in self._run_callbacks:
            callback(run)
        return run

    def _on_history_event(self, execution: str, event: Mapping[str, Any]) -> None:
        run = self._runs.get(execution)
        if run is None and event["type"] == "ExecutionStarted":
            machine = execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]
            runbook = next((name for name, arn in self._state_machine_arns.items() if arn == machine), None)
            if runbook is not None:
                run = self._register_run(execution, self._readies[runbook], self._trouble_started_at)
        if run is not None:
            run.progress.observe(event)
            self.step_observer.observe(execution, event)
            self._operators[execution].on_history_event(event)

    def _find_lock_holder(self) -> str | None:
        holder = self.journals.lock_holder()
        return None if holder is None else holder.run

    def _observe_routing(self) -> None:
        if not self._users_paused:
            self.routing.observe()

    def _send_user_requests(self) -> None:
        if self.world.clients is not None and not self._users_paused:
            self.world.clients.send_requests()

    def _record_destroyed_copy(self, region: str, server: SourceServer, operation: str) -> None:
        replaced = self.protection_monitor.has_other_copy(server.name, excluded_server_id=server.server_id)
        self.destroyed_copies.append(DestroyedCopy(self.engine.clock.now(), operation, server.name, region, replaced))


def _routing_variant_of(ready: BuiltRunbook) -> VariantName | None:
    """Return None if the runbook supports the variant in use, and otherwise the first variant that it supports."""
    routing, variants = ready.application.routing, ready.runbook.routing
    if routing is None or variants is None or routing.use in variants:
        return None
    return variants[0]
