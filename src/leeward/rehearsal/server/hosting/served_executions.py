"""The state machines of a served world's runbooks, and every execution that somebody starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leeward.common.aws.state_table import StateTable
from leeward.common.naming import resource_names
from leeward.control.approvals.questions import Question, open_questions
from leeward.rehearsal.results.step_progress import StepProgress
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.compile.runbook_compiler import CompiledRunbook
from leeward.twin.engine import Engine


@dataclass(slots=True)
class ServedExecution:
    """One execution. `compiled` and `progress` are None for a state machine that a client made."""

    execution: str
    compiled: CompiledRunbook | None
    progress: StepProgress | None

    @property
    def region(self) -> str:
        """Where it runs."""
        return self.execution.split(":")[3]

    @property
    def run_id(self) -> str | None:
        """The run's id, as `control.run.begin` makes it."""
        if self.compiled is None:
            return None
        return f"{self.compiled.application}.{self.compiled.runbook}.{self.execution.rpartition(':')[2]}"


class ServedExecutions:
    """Deploys the state machines and watches what runs on them."""

    def __init__(self, engine: Engine, readies: Sequence[BuiltRunbook]) -> None:
        self._engine = engine
        self.machines: dict[str, CompiledRunbook] = {}
        self._executions: dict[str, ServedExecution] = {}
        for ready in readies:
            compiled = ready.compiled
            name = resource_names.state_machine_name(compiled.application, compiled.runbook)
            self.machines[engine.create_state_machine(compiled.run_regions.target, name, compiled.text)] = compiled
        engine.add_event_listener(self._observe)

    def newest(self, limit: int) -> list[ServedExecution]:
        """The executions that were started last, oldest first."""
        return list(self._executions.values())[-limit:]

    def open_questions_of(self, run: ServedExecution) -> list[Question]:
        """What the run waits to be told."""
        if run.run_id is None or run.compiled is None:
            return []
        table = StateTable(
            self._engine.client("dynamodb", run.region), resource_names.table_name(run.compiled.application)
        )
        return open_questions(table, run.run_id)

    def _observe(self, execution: str, event: Mapping[str, Any]) -> None:
        run = self._executions.get(execution)
        if run is None:
            machine = execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]
            compiled = self.machines.get(machine)
            run = ServedExecution(execution, compiled, StepProgress(compiled.steps) if compiled else None)
            self._executions[execution] = run
        if run.progress is not None:
            run.progress.observe(event)
