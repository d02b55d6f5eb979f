"""A reference interpreter of runbooks: the calls, the waits, and the end that a document means.

It runs the document, not a machine. Only the states of a step's own action and undo come from the step's kind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn, assert_never

from leeward.common.errors import leaf_error_names
from leeward.state_machines.asl import StateMachine, SucceedState, TaskState
from leeward.state_machines.checks.behavior.interpreter.data_paths import Data, Templates
from leeward.state_machines.checks.behavior.interpreter.execution import (
    Call,
    End,
    Event,
    Execution,
    ScenarioOver,
    Script,
    TaskError,
)
from leeward.state_machines.checks.behavior.reference import model_tasks as tasks
from leeward.state_machines.checks.expectations import task_names
from leeward.state_machines.checks.expectations.expected_steps import (
    DONE,
    ENTRY,
    FAILED,
    UNDO_ENTRY,
    UNEXPECTED,
    ExpectedStep,
    MachineDocuments,
    expected_steps,
)
from leeward.state_machines.fields.failure_policy import OnFailure
from leeward.state_machines.fragments.lambda_tasks import INVOKE_AND_WAIT_RESOURCE, INVOKE_RESOURCE
from leeward.state_machines.fragments.retries import UNEXPECTED_ERRORS
from leeward.state_machines.fragments.step_context import Fragment

_EXITS = {name: SucceedState() for name in (DONE, FAILED, UNEXPECTED)}
_NAMED_ERRORS = frozenset(leaf_error_names())
_KEEPS_LOCK = frozenset(UNEXPECTED_ERRORS)


class _Ended(Exception):
    """The run has ended. Its last event says how."""


@dataclass
class RunModel:
    """Runs the document with scripted results. `events` are what a machine of the document must do too."""

    documents: MachineDocuments
    script: Script
    steps: tuple[ExpectedStep, ...] = ()
    events: list[Event] = field(default_factory=list)
    run: Any = None
    look: Any = None
    attempts: dict[str, Data] = field(default_factory=dict)
    templates: Templates = field(default_factory=Templates)

    def __post_init__(self) -> None:
        self.steps = self.steps or expected_steps(self.documents)
        self.attempts = {step.id: 1 for step in self.steps}

    def play(self) -> list[Event]:
        """Run from the beginning."""
        with suppress(_Ended, ScenarioOver):
            begun = self._begin()
            self.run, self.look = begun["run"], {"head": begun["head"]}
            self._continue_at(0, check_skip=True)
        return self.events

    def play_from(self, index: int, run: Data, look: Data) -> list[Event]:
        """Run from the step at `index`, in its first attempt. `look` is the result of the last poll before it."""
        self.run, self.look = run, look
        with suppress(_Ended, ScenarioOver):
            self._continue_at(index, check_skip=False)
        return self.events

    def _begin(self) -> Data:
        try:
            return self._call(task_names.RUN_BEGIN, tasks.begin_payload(self.documents, self.steps))
        except TaskError as error:
            # Leeward's own errors have a message for operators. Any other error is shown as it is.
            is_named = error.name in _NAMED_ERRORS
            self._end(error.name, json.loads(error.cause)["errorMessage"] if is_named else error.cause)

    def _continue_at(self, index: int, *, check_skip: bool) -> NoReturn:
        while index < len(self.steps):
            step = self.steps[index]
            skipped = check_skip and step.may_be_skipped and self.run.get("skip", {}).get(step.id) is True
            goes_on = skipped or self._do_step(step, index)
            check_skip = goes_on  # a retry goes to the step itself
            index += goes_on
        try:
            self._call(task_names.RUN_END, {**self._of_run, "parameters": {"outcome": "succeeded", "keep_lock": False}})
        except TaskError as error:
            self._end(error.name, error.cause)
        self.events.append(End("", succeeded=True))
        raise _Ended

    def _do_step(self, step: ExpectedStep, index: int) -> bool:
        """Do the step once. Return True to continue with the next one, or False to do it again."""
        label, data = self._play_fragment(step.action, ENTRY)
        if label == DONE:
            return True
        if label == UNEXPECTED:
            self._stop(_failure_of(step, data), keep_lock=True)
        failure = self._record(step, data, str(step.policy))
        if failure is None:  # not even the record was possible
            self._stop(_failure_of(step, data), keep_lock=True)
        if self.attempts[step.id] <= step.policy.retry:
            return self._try_again(step)
        match step.policy.then:
            case OnFailure.STOP:
                self._stop(failure, keep_lock=False)
            case OnFailure.CONTINUE:
                return True
            case OnFailure.UNDO:
                self._roll_back(index, failure)
            case OnFailure.ASK:
                return self._ask(step, failure)
        assert_never(step.policy.then)

    @property
    def _of_run(self) -> dict[str, Data]:
        """Return the members of every payload: the run, and the head of its journal."""
        return {"run": self.run, "head": self.look["head"]}

    def _try_again(self, step: ExpectedStep) -> bool:
        self.attempts[step.id] += 1
        return False

    def _ask(self, step: ExpectedStep, failure: Data) -> bool:
        payload = tasks.ask_payload(self._of_run, tasks.identity(step, self.attempts), failure)
        try:
            answer = self._call(task_names.ASK, payload, waits_for_answer=True)
        except TaskError as error:
            self._stop(failure, keep_lock=error.name in _KEEPS_LOCK)
        if answer.get("decision") == "retry":
            return self._try_again(step)
        if answer.get("decision") != "skip":
            self._stop(failure, keep_lock=False)
        return True

    def _roll_back(self, index: int, failure: Data) -> NoReturn:
        """Undo the steps up to `index` in reverse order, and end the run. A leftover keeps the lock."""
        leftover = False
        for step in reversed(self.steps[: index + 1]):
            if step.undo is None:
                continue
            label, data = self._play_fragment(step.undo, UNDO_ENTRY)
            if label != DONE:
                continues = step.continues_after_failed_undo
                self._record(step, data, "leave" if continues else "stop")
                if not continues:
                    self._stop(failure, keep_lock=True)
                leftover = True
        self._stop(failure, keep_lock=leftover)

    def _record(self, step: ExpectedStep, data: Data, policy: str) -> Data | None:
        """Record a failure. Return what was recorded, or None if that failed."""
        parameters = {"error": data["error"], "policy": policy}
        identity = tasks.identity(step, self.attempts)
        try:
            answer = self._call(task_names.RECORD_FAILURE, {**self._of_run, "step": identity, "parameters": parameters})
        except TaskError:
            return None
        return {member: answer[member] for member in ("step", "error", "cause")}

    def _stop(self, failure: Data, *, keep_lock: bool) -> NoReturn:
        """Record the end, and fail the execution. A redrive continues at the step that failed."""
        parameters = {"outcome": "failed", "keep_lock": keep_lock, "failure": failure}
        try:
            end = self._call(task_names.RUN_END, {**self._of_run, "parameters": parameters})
            payload = tasks.stop_payload(self.documents, self._of_run, end, failure, dict(self.attempts))
            self.attempts = dict(self._call(task_names.RUN_STOP, payload, waits_for_answer=True))
        except TaskError as error:
            self._end(error.name, error.cause)
        for index, step in enumerate(self.steps):
            if step.id == failure["step"]:
                self._continue_at(index, check_skip=False)
        self._end(end["error"], end["cause"])

    def _end(self, error: object, cause: object) -> NoReturn:
        self.events.append(End("", succeeded=False, error=error, cause=cause))
        raise _Ended

    def _play_fragment(self, fragment: Fragment, entry: str) -> tuple[str, Data]:
        machine = StateMachine("", entry, 0, {**fragment.states, **_EXITS})
        execution = Execution(machine, self.script, events=self.events, templates=self.templates)
        try:
            execution.execute(entry, {"run": self.run, "attempts": dict(self.attempts), "look": self.look})
        except TaskError as error:
            self._end(error.name, error.cause)
        self.look = execution.data["look"]
        return self.events.pop().state, execution.data

    def _call(self, function: str, payload: Mapping[str, Data], *, waits_for_answer: bool = False) -> Data:
        resource = INVOKE_AND_WAIT_RESOURCE if waits_for_answer else INVOKE_RESOURCE
        call = Call("", function, payload, TaskState(resource, {}, 0, None), None)
        self.events.append(call)
        return self.script(call)


def _failure_of(step: ExpectedStep, data: Data) -> Data:
    return {"step": step.id, "error": data["error"]["Error"], "cause": data["error"]["Cause"]}
