"""A stage: the world of one application, open, with its users and its incident, on which runs can be started.

A rehearsal starts one run on it; a test may start several at once, or break something in the middle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from common.table import Table
from control.journal import Entry, read
from state_machines.tree import Ready
from twin.engine import Ended, Engine
from twin.invariants.record import Routing
from twin.progress import Progress
from twin.world import documents
from twin.world.account import TABLE
from twin.world.build import World, build
from twin.world.incident import arrange
from twin.world.operator import Operator

# Any fixed moment does: the same seed must give the same history whenever it is run.
BEGINNING = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class Run:
    """One execution on the stage."""

    id: str
    execution: str
    started_at: datetime
    progress: Progress


class Stage:
    """`with Stage(ready, told, scenario, seed) as stage:`; one at a time per process."""

    def __init__(
        self,
        ready: Ready,
        told: documents.WorldDocument,
        scenario: documents.Scenario,
        seed: int,
        definition: str | None = None,
    ) -> None:
        """`definition` is the ASL to run, by default what the runbook compiles to now."""
        self.ready, self.scenario, self._told = ready, scenario, told
        self.engine = Engine(BEGINNING, seed, ready.application.account)
        self._definition = definition or ready.compiled.text
        self._open = ExitStack()
        self.routings: list[Routing] = []
        self._runs: dict[str, Run] = {}
        self._operators: dict[str, Operator] = {}

    def __enter__(self) -> Self:
        self._open.enter_context(self.engine)
        way = self.ready.compiled.way
        self.world: World = build(self.engine, self.ready.application, self._told, origin=way.origin, target=way.target)
        self.incident_at = arrange(self.world, self.scenario)
        self.world.controls.on_change(lambda *_: self._note_routing())
        if self.world.clients is not None:
            self.engine.clock.every(1, self.world.clients.tick, name="users", inline=True)
        self.engine.on_event(self._observe)
        compiled = self.ready.compiled
        name = f"{compiled.application}-{compiled.runbook}"
        self._machine = self.engine.create_state_machine(way.target, name, self._definition)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def wait_until(self, moment: datetime) -> None:
        """Let time pass until `moment`."""
        self.engine.clock.sleep(max(0.0, (moment - self.engine.clock.now()).total_seconds()))

    def start(self, name: str, run_input: Mapping[str, Any] | None = None) -> Run:
        """Start the runbook now, as a person would in the console, with the scenario's operator on call."""
        execution = self.engine.start(self._machine, name=name, input=dict(run_input or {}))
        compiled = self.ready.compiled
        run = Run(
            f"{compiled.application}.{compiled.runbook}.{name}",
            execution,
            self.engine.clock.now(),
            Progress(compiled.steps),
        )
        self._runs[execution] = run
        self._operators[execution] = Operator(self.engine, self.scenario.operator, compiled.way.target, TABLE, run.id)
        return run

    def finish(self, run: Run) -> Ended:
        """Let time pass until the run has ended."""
        return self.engine.wait(run.execution)

    def settle(self, done: Callable[[], bool], longest: timedelta) -> None:
        """Go on watching the users until `done`, or for `longest`."""
        end = self.engine.clock.now() + longest
        while not done() and self.engine.clock.now() < end:
            self.engine.clock.sleep(1)

    def journal(self, run: Run) -> list[Entry]:
        """What the run wrote down."""
        client = self.engine.client("dynamodb", self.ready.compiled.way.target)
        return read(Table(client, TABLE), run.id)

    def _observe(self, execution: str, event: Mapping[str, Any]) -> None:
        run = self._runs.get(execution)
        if run is not None:
            run.progress.observe(event)
            self._operators[execution].observe(event)

    def _note_routing(self) -> None:
        regions = self.ready.application.regions.both
        on = frozenset(r for r in regions if self.world.names.leads_to(r))
        serving = frozenset(r for r in regions if self.world.serves(r))
        self.routings.append(Routing(self.engine.clock.now(), on, serving))
