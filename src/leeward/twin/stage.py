"""A stage: the world of one application, open, with its users and its incident, on which runs can be started.

A rehearsal starts one run on it; a test may start several at once, or break something in the middle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from types import MappingProxyType, TracebackType
from typing import Any, Self

from leeward.common import names
from leeward.state_machines.documents.application import VariantName
from leeward.state_machines.tree import Ready
from leeward.twin.aws.drs import Timings
from leeward.twin.aws.drs.model import LaunchedInstance, SourceServer
from leeward.twin.books import Books
from leeward.twin.copies import LOOKS_EVERY_SECONDS, Copies
from leeward.twin.darkness import Darkness
from leeward.twin.engine import Ended, Engine
from leeward.twin.invariants.record import Destroyed, Routing
from leeward.twin.policies import simulation
from leeward.twin.policies.guard import Guard
from leeward.twin.progress import Progress
from leeward.twin.run import Run
from leeward.twin.templates.deployment import Deployment
from leeward.twin.world import documents
from leeward.twin.world.build import World, build
from leeward.twin.world.incident import arrange
from leeward.twin.world.operator import Operator

# Any fixed moment does: the same seed must give the same history whenever it is run.
BEGINNING = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class Stage:
    """`with Stage(ready, told, scenario, seed) as stage:`; one at a time per process."""

    def __init__(
        self,
        ready: Ready,
        told: documents.WorldDocument,
        scenario: documents.Scenario,
        seed: int,
        also: Sequence[Ready] = (),
        *,
        variant: VariantName | None = None,
        deployment: Deployment | None = None,
        beginning: datetime = BEGINNING,
        timings: Timings | None = None,
    ) -> None:
        """`ready` is the runbook that `start` starts when none is named; `also` are others of the same application.

        The application serves from its primary Region when the stage opens. `variant` is the routing that leads the
        users, by default that of the runbook, or the one that the application uses. With a deployment, read from
        synthesised templates, what they hold stands in the account, and nothing else. `timings`: how long DRS takes.
        """
        self._timings = timings
        self.application, self.scenario, self._told = ready.application, scenario, told
        self._variant = variant or _variant_of(ready)
        self._readies = {r.runbook.runbook: r for r in (ready, *also)}
        self._main = ready.runbook.runbook
        self.engine = Engine(beginning, seed, ready.application.account)
        self._deployment = deployment
        self._table = deployment.table() if deployment else names.table(ready.application.application)
        self.books = Books(self.engine, ready.application, self._table)
        self._machines: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self.launched: list[LaunchedInstance] = []
        self._open = ExitStack()
        self.routings: list[Routing] = []
        self.destroyed: list[Destroyed] = []
        self._runs: dict[str, Run] = {}
        self._operators: dict[str, Operator] = {}
        self._on_run: list[Callable[[Run], object]] = []
        self._since: datetime | None = None
        self._users_rest = False
        self.guard: Guard | None = None
        """Judges every call by the role that the templates give the task; there with a deployment."""

    def __enter__(self) -> Self:
        self._open.enter_context(self.engine)
        try:
            return self._set()
        except BaseException:
            self._open.close()  # or no other stage could be opened in this process
            raise

    def _set(self) -> Self:
        regions = self.application.regions
        self.world: World = build(
            self.engine,
            self.application,
            self._told,
            origin=regions.primary,
            target=regions.standby,
            variant=self._variant,
            deployment=self._deployment,
            timings=self._timings,
        )
        if self._deployment is not None:
            self.guard = Guard.of(self._deployment.assembly, self._deployment.functions())
            self.engine.wire.guard = self.guard
        simulation.mend()
        simulation.provide(self.guard.simulate if self.guard else None)
        self.quotas = self.world.drs.quotas
        self.answered_until = self.engine.clock.now()
        self.darkness = Darkness(self.engine, self.world)
        self.strike(arrange(self.world, self.scenario))
        self.copies = Copies(self.world, self.engine.clock.now)
        self._led_to = self._leads_to()
        self.world.controls.on_change(lambda *_: self._note_routing())
        self.world.drs.on_launched(self.launched.append)
        self.world.drs.on_copy_ends(self._note_destroyed)
        if self.world.clients is not None:
            self.engine.clock.every(1, self._ask_users, name="users", inline=self.world.clients.inline)
        self.engine.clock.every(LOOKS_EVERY_SECONDS, self.copies.look, name="copies", inline=True)
        self.engine.on_event(self._observe)
        for name, ready in self._readies.items():
            machine = names.state_machine(self.application.application, name)
            region, text = ready.compiled.way.target, ready.compiled.text
            if self._deployment is not None:
                region, text = self._deployment.machine(machine)
            self._machines[name] = self.engine.create_state_machine(region, machine, text)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        simulation.provide(None)
        self._open.__exit__(kind, error, trace)

    def strike(self, at: datetime) -> None:
        """The scenario's incident strikes at `at`; it has been arranged."""
        self.incident_at = at
        if self.scenario.incident.dark is not None:
            self.darkness.spells.append((self.scenario.incident.dark, at, None))

    def wait_until(self, moment: datetime) -> None:
        """Let time pass until `moment`."""
        self.engine.clock.sleep(max(0.0, (moment - self.engine.clock.now()).total_seconds()))

    def wait_unwatched(self, span: timedelta) -> None:
        """Let time pass in which no user asks for anything: what nobody looks at costs nothing."""
        self._users_rest = True
        try:
            self.engine.clock.sleep(span.total_seconds())
        finally:
            self._users_rest = False

    def on_call(self, operator: documents.Operator) -> None:
        """Who answers the questions from now on, those of runs that were started before included."""
        self.scenario = self.scenario.model_copy(update={"operator": operator})
        for attending in self._operators.values():
            attending.hand_over(operator)

    def start(
        self,
        name: str,
        run_input: Mapping[str, Any] | None = None,
        *,
        runbook: str | None = None,
        since: datetime | None = None,
    ) -> Run:
        """Start a runbook now, as a person would in the console, with the scenario's operator on call.

        `since` is when the trouble began that it answers, by default now.
        """
        ready = self._readies[runbook or self._main]
        machine = self._machines[ready.runbook.runbook]
        execution = self.engine.start(machine, name=name, input=dict(run_input or {}))
        return self._runs.get(execution) or self._attend(execution, ready, since, run_input or {})

    def on_run(self, callback: Callable[[Run], object], since: datetime | None = None) -> None:
        """Called with each run that something starts, at its start. `since`: when the trouble began that such runs
        answer, by default their start."""
        self._on_run.append(callback)
        self._since = since

    def finish(self, run: Run) -> Ended:
        """Let time pass until the run has ended."""
        return self.engine.wait(run.execution)

    def settle(self, done: Callable[[], bool], longest: timedelta) -> None:
        """Go on watching the users until `done`, or for `longest`."""
        end = self.engine.clock.now() + longest
        while not done() and self.engine.clock.now() < end:
            self.engine.clock.sleep(1)

    @property
    def main(self) -> Ready:
        """The runbook that `start` starts when none is named."""
        return self._readies[self._main]

    @property
    def runs(self) -> list[Run]:
        """Every run so far, in the order of their starts."""
        return list(self._runs.values())

    def machine_names(self, group: str) -> list[str]:
        """The names of a group's servers."""
        return [self.name_of(server) for server in self.world.servers[group]]

    def name_of(self, server_id: str) -> str:
        """The name of a source server that is, or once was, in some Region; its id where it has none."""
        for region in self.application.regions.both:
            self._names.update({server.server_id: server.name for server in self.world.drs.servers(region)})
        self._names.update({machine.source_server_id: machine.name for machine in self.launched})
        return self._names.get(server_id, server_id)

    def _attend(
        self, execution: str, ready: Ready, since: datetime | None, given: Mapping[str, Any] = MappingProxyType({})
    ) -> Run:
        """A run has been started: by `start`, or by whatever may start it."""
        now, name = self.engine.clock.now(), execution.rpartition(":")[2]
        run_id = f"{self.application.application}.{ready.runbook.runbook}.{name}"
        run = Run(run_id, ready, execution, now, since or now, Progress(ready.compiled.steps), dict(given))
        self._runs[execution] = run
        self._operators[execution] = Operator(self.engine, self.scenario.operator, run.way.target, self._table, run.id)
        for callback in self._on_run:
            callback(run)
        return run

    def _observe(self, execution: str, event: Mapping[str, Any]) -> None:
        run = self._runs.get(execution)
        if run is None and event["type"] == "ExecutionStarted":
            machine = execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]
            started = next((name for name, arn in self._machines.items() if arn == machine), None)
            if started is not None:
                run = self._attend(execution, self._readies[started], self._since)
        if run is not None:
            run.progress.observe(event)
            self._operators[execution].observe(event)

    def _ask_users(self) -> None:
        if self.world.clients is not None and not self._users_rest:
            self.world.clients.tick()

    def _note_destroyed(self, region: str, server: SourceServer, operation: str) -> None:
        replaced = self.copies.is_copied(server.name, besides=server.server_id)
        self.destroyed.append(Destroyed(self.engine.clock.now(), operation, server.name, region, replaced))

    def _note_routing(self) -> None:
        before, self._led_to = self._led_to, self._leads_to()
        serving = frozenset(r for r in self.application.regions.both if self.world.serves(r))
        self.routings.append(Routing(self.engine.clock.now(), self._led_to, serving, before))

    def _leads_to(self) -> frozenset[str]:
        return frozenset(r for r in self.application.regions.both if self.world.names.leads_to(r))


def _variant_of(ready: Ready) -> VariantName | None:
    """The routing that the application uses, where the runbook is of it; else the first that the runbook is of."""
    routing, own = ready.application.routing, ready.runbook.routing
    if routing is None or own is None or routing.use in own:
        return None
    return own[0]
