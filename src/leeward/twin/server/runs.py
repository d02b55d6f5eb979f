"""The state machines of a served world's runbooks, and every execution that somebody starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leeward.common import names
from leeward.common.table import Table
from leeward.control.questions import Question, open_questions
from leeward.state_machines.compile.machine import CompiledRunbook
from leeward.state_machines.tree import Ready
from leeward.twin.engine import Engine
from leeward.twin.progress import Progress


@dataclass(slots=True)
class Run:
    """One execution. `compiled` and `progress` are None for a state machine that a client made."""

    execution: str
    compiled: CompiledRunbook | None
    progress: Progress | None

    @property
    def region(self) -> str:
        """Where it runs."""
        return self.execution.split(":")[3]

    @property
    def id(self) -> str | None:
        """The run's id, as `control.run.begin` makes it."""
        if self.compiled is None:
            return None
        return f"{self.compiled.application}.{self.compiled.runbook}.{self.execution.rpartition(':')[2]}"


class Runs:
    """Deploys the state machines and watches what runs on them."""

    def __init__(self, engine: Engine, readies: Sequence[Ready]) -> None:
        self._engine = engine
        self.machines: dict[str, CompiledRunbook] = {}
        self._runs: dict[str, Run] = {}
        for ready in readies:
            compiled = ready.compiled
            name = names.state_machine(compiled.application, compiled.runbook)
            self.machines[engine.create_state_machine(compiled.way.target, name, compiled.text)] = compiled
        engine.on_event(self._observe)

    def newest(self, most: int) -> list[Run]:
        """The executions that were started last, oldest first."""
        return list(self._runs.values())[-most:]

    def questions(self, run: Run) -> list[Question]:
        """What the run waits to be told."""
        if run.id is None or run.compiled is None:
            return []
        table = Table(self._engine.client("dynamodb", run.region), names.table(run.compiled.application))
        return open_questions(table, run.id)

    def _observe(self, execution: str, event: Mapping[str, Any]) -> None:
        run = self._runs.get(execution)
        if run is None:
            machine = execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]
            compiled = self.machines.get(machine)
            run = Run(execution, compiled, Progress(compiled.steps) if compiled else None)
            self._runs[execution] = run
        if run.progress is not None:
            run.progress.observe(event)
