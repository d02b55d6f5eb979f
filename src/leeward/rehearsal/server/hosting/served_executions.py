"""The state machines of a served world's runbooks and their executions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leeward.common.aws.tables.state_table import StateTable
from leeward.common.naming import resource_names
from leeward.control.approvals.questions import Question, open_questions
from leeward.rehearsal.results.step_progress import StepProgress
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.compile.runbook_compiler import CompiledRunbook
from leeward.twin.engine import Engine


@dataclass(slots=True)
class ServedExecution:
    """One execution. `compiled` and `progress` are None if a client created the state machine."""

    execution: str
    compiled: CompiledRunbook | None
    progress: StepProgress | None

    @property
    def region(self) -> str:
        """Return the Region of the execution."""
        return self.execution.split(":")[3]

    @property
    def run_id(self) -> str | None:
        """Return the run's ID as in `control.run.run_reference`, or None for a client's own state machine."""
        if self.compiled is None:
            return None
        return f"{self.compiled.application}.{self.compiled.runbook}.{self.execution.rpartition(':')[2]}"


class ServedExecutions:
    """Creates the state machines and tracks their executions."""

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
        """Return the last `limit` executions, oldest first."""
        return list(self._executions.values())[-limit:]

    def open_questions_of(self, run: ServedExecution) -> list[Question]:
        """Return the run's questions that have no answer yet."""
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
