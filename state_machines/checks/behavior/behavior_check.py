"""Compares what a machine does with what its document means, in every scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from leeward.state_machines.asl import StateMachine
from leeward.state_machines.checks.behavior.event_comparison import find_difference
from leeward.state_machines.checks.behavior.interpreter.data_paths import Data, Templates
from leeward.state_machines.checks.behavior.interpreter.execution import EXECUTION, Call, Event, Execution, StateError
from leeward.state_machines.checks.behavior.reference.run_model import RunModel
from leeward.state_machines.checks.behavior.scenarios import scenario_list as scenarios
from leeward.state_machines.checks.behavior.scenarios.error_classes import representative_errors
from leeward.state_machines.checks.behavior.scenarios.scenario_list import RunScenario
from leeward.state_machines.checks.behavior.scenarios.scripted_results import (
    PLAIN_RUN,
    CallKeys,
    Change,
    Raises,
    Script,
)
from leeward.state_machines.checks.expectations import task_names as tasks
from leeward.state_machines.checks.expectations.expected_steps import ExpectedStep, MachineDocuments, expected_steps
from leeward.state_machines.checks.findings.machine_finding import MachineFinding
from leeward.state_machines.fields.failure_policy import OnFailure

# After so many differences, more of them don't help.
_MAX_FINDINGS = 12


class BehaviorComparison:
    """Plays scenarios on the machine and on the document. `visited` are the states that the machine has entered."""

    def __init__(self, machine: StateMachine, documents: MachineDocuments) -> None:
        self.machine = machine
        self.documents = documents
        self.steps: tuple[ExpectedStep, ...] = expected_steps(documents)
        self.visited: set[str] = set()
        self.findings: dict[str, MachineFinding] = {}
        self._first_calls: dict[int, Call] = {}
        self._keys, self._templates = CallKeys(), Templates()

    def compare_all(self) -> Iterator[MachineFinding]:
        """Yield the differences, at most one for each state."""
        clean = self._compare_runs()
        if clean is not None:
            for scenario in self._scenarios(*clean):
                if len(self.findings) >= _MAX_FINDINGS:
                    break
                self._compare(scenario)
        yield from self.findings.values()

    def _compare_runs(self) -> tuple[list[Event], list[Event]] | None:
        """Compare whole runs: a clean one, an approved one, and one for each skipped step. Return the events of the
        clean one, or None if it differs.
        """
        clean = self._compare(RunScenario("a run without failures"))
        if clean is None:
            return None
        self._compare(RunScenario("a run that is approved by its input"), PLAIN_RUN | {"approved": True})
        self._compare(
            RunScenario("a run that skips nothing"), PLAIN_RUN | {"skip": {step.id: False for step in self.steps}}
        )
        for step in self.steps:
            self._compare(RunScenario(f"a run that skips {step.model.name}"), PLAIN_RUN | {"skip": {step.id: True}})
        return clean

    def _scenarios(self, machine_events: Sequence[Event], model_events: Sequence[Event]) -> Iterator[RunScenario]:
        index_by_id = {step.id: index for index, step in enumerate(self.steps)}
        pairs = [
            (found, model)
            for found, model in zip(machine_events, model_events, strict=True)
            if isinstance(found, Call) and isinstance(model, Call)
        ]
        for call, _ in pairs:
            if (index := index_by_id.get(self._keys.key(call)[1])) is not None:
                self._first_calls.setdefault(index, call)
        for call, model in pairs:
            index = index_by_id.get(self._keys.key(call)[1])
            if call.function == tasks.RUN_BEGIN or index is not None:
                yield from scenarios.call_failures(self._keys.key(call), call, model, index)
            if index is not None and "poll" in call.payload:
                yield from scenarios.poll_limits(
                    self._keys.key(call), call, list(self.steps[index].action.states.values()), index
                )
            if index is not None and "token" in call.payload:
                yield from scenarios.approval_answers(self._keys.key(call), call, index)
        for index, call in self._first_calls.items():
            yield from scenarios.step_failures(self._keys.key(call), index, self.steps[index])
            yield from self._further_failures(call, index)
        yield from scenarios.frame_failures(
            [(self._keys.key(one), one) for one in self._first_calls.values()], self.steps
        )

    def _further_failures(self, call: Call, index: int) -> Iterator[RunScenario]:
        """Yield the failures of what follows a step's failure: of the question, and of the rollback's calls."""
        step = self.steps[index]
        last_undo = max((n for n, one in enumerate(self.steps) if one.policy.then is OnFailure.UNDO), default=None)
        failing = Change(self._keys.key(call), (Raises(scenarios.FAILURE),))
        if step.policy.then is not OnFailure.ASK and index != last_undo:
            return  # the rollback of the last such step contains those of the others
        played = self._compare(RunScenario(f"{step.model.name} fails", (failing,), index, is_whole=True))
        if played is None:
            return
        for found, model in zip(*played, strict=True):
            if not isinstance(found, Call) or not isinstance(model, Call):
                continue
            key = self._keys.key(found)
            if key[2] and key[0] != tasks.RECORD_FAILURE:
                for scenario in scenarios.call_failures(key, found, model, index):
                    yield RunScenario(scenario.text, (failing, *scenario.changes), index, is_whole=True)
                    record = self._unrecorded_undo(key[1], index)
                    yield RunScenario(
                        f"{scenario.text}, unrecorded", (failing, *scenario.changes, record), index, is_whole=True
                    )
                if "poll" in found.payload:
                    undone = next(one for one in self.steps if one.id == key[1]).undo
                    for scenario in scenarios.poll_limits(
                        key, found, list(undone.states.values()) if undone else [], index
                    ):
                        yield RunScenario(scenario.text, (failing, *scenario.changes), index, is_whole=True)
            elif key[0] == tasks.ASK:
                for error in representative_errors(found.task, found.task):
                    asked = Change(key, (Raises(error),))
                    yield RunScenario(f"{found.state} fails with {error}", (failing, asked), index)

    def _unrecorded_undo(self, step_id: str, index: int) -> Change:
        """Return that the failed undo of a step can't be recorded. The failures before the rollback can."""
        step = self.steps[index]
        before = (None,) * (1 + step.policy.retry) if step.id == step_id else ()
        return Change((tasks.RECORD_FAILURE, step_id, False, "", False), (*before, Raises(scenarios.DEFECT)))

    def _compare(
        self, scenario: RunScenario, run: Mapping[str, Data] | None = None
    ) -> tuple[list[Event], list[Event]] | None:
        """Play the scenario on both, and note the first difference. Return the events, or None if they differ."""
        try:
            found, model = self._play(scenario, run or {})
        except StateError as error:
            self._note(error.state, error.text, scenario)
            return None
        difference = find_difference(found, model)
        if difference is None:
            return found, model
        self._note(*difference, scenario)
        return None

    def _note(self, state: str, text: str, scenario: RunScenario) -> None:
        self.findings.setdefault(state, MachineFinding("behavior", state, f"{text} ({scenario.text})"))

    def _play(self, scenario: RunScenario, run: Mapping[str, Data]) -> tuple[list[Event], list[Event]]:
        ends = self._ends_of(scenario)
        script, model_script = (Script(scenario.changes, self._keys, dict(run or PLAIN_RUN), *ends) for _ in range(2))
        model = RunModel(self.documents, model_script, self.steps, templates=self._templates)
        execution = Execution(self.machine, script, self.visited, templates=self._templates)
        if scenario.step is None:
            return execution.run(self.machine.start_at, EXECUTION["Input"]), model.play()
        first = self._first_calls[scenario.step]
        look = dict(first.data["look"])
        return execution.run(first.state, first.data), model.play_from(scenario.step, script.run, look)

    def _ends_of(self, scenario: RunScenario) -> tuple[frozenset[str], frozenset[str]]:
        """Return the steps at which the scenario has shown enough: later steps, and the last part of a rollback, have
        scenarios of their own.
        """
        if scenario.step is None:
            return frozenset(), frozenset()
        undone = [] if scenario.is_whole else [one for one in self.steps[: scenario.step + 1] if one.undo is not None]
        return (
            frozenset(one.id for one in self.steps[scenario.step + 2 :]),
            frozenset(one.id for one in undone[:-2]),
        )


def check_behavior(machine: StateMachine, documents: MachineDocuments) -> Iterator[MachineFinding]:
    """Yield the states that do something other than the runbook means.

    Both are run on the same scripted results: clean, with every step skipped, with every class of errors of every call,
    with every answer, at every limit of a poll, with failing rollbacks and records, and with redrives. Compared are the
    calls with all that is passed to them, the waits, and the end.
    """
    yield from BehaviorComparison(machine, documents).compare_all()
