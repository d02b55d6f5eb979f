"""Counts the state transitions and the task calls of a run without failures, by executing the compiled machine.

A polled task is done when its step's expected time has passed. It waits and looks again as tasks do
(`lambdas.runtime.steps.step_call`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from leeward.common.polling import LONGEST_PAUSE_SECONDS, SOON_SECONDS, PollProgress, PollResult, PollState, PollStatus
from leeward.state_machines.asl import StateMachine
from leeward.state_machines.checks.behavior.interpreter.data_paths import Data
from leeward.state_machines.checks.behavior.interpreter.execution import EXECUTION, Call, Execution
from leeward.state_machines.checks.behavior.scenarios.scripted_results import Script

# How long a call of a task takes, with its own calls to AWS. Kinds whose steps are one call state the same.
_CALL_SECONDS = 3
_STARTED_AT = datetime.fromisoformat(str(EXECUTION["StartTime"]))


@dataclass(frozen=True, slots=True)
class PathCounts:
    """The number of state transitions and of task calls of a run."""

    transitions: int
    calls: int


def count_expected_path(machine: StateMachine, expected_seconds: Mapping[str, float]) -> PathCounts:
    """Return the counts of a run in which each step takes the expected time, by step ID. Raises StateError."""
    execution = Execution(machine, _ExpectedResults(expected_seconds))
    events = execution.run(machine.start_at, EXECUTION["Input"])
    return PathCounts(execution.executed, sum(isinstance(event, Call) for event in events))


@dataclass
class _ExpectedStep:
    """A step that takes `seconds`. Its waves, if it launches servers in waves, take equal shares of that.

    A task that launches a wave knows when the wave can be up at the earliest, and after that only looks. Other tasks
    get a new estimate with every look.
    """

    seconds: float
    waves: int
    elapsed: int = 0
    waves_begun: int = 0

    def ready_in_seconds(self) -> float | None:
        """Return when the task says that its goal can be reached at the earliest."""
        if not self.waves:
            return self.seconds - self.elapsed
        share = self.seconds / self.waves
        if self.elapsed < self.waves_begun * share:
            return None
        self.waves_begun += 1
        return self.waves_begun * share - self.elapsed


@dataclass
class _ExpectedResults:
    """The tasks' results, when each step takes its time of `step_seconds`."""

    step_seconds: Mapping[str, float]
    plain: Script = field(default_factory=Script)
    _steps: dict[str, _ExpectedStep] = field(default_factory=dict)

    def __call__(self, call: Call) -> Data:
        poll = call.payload.get("poll")
        if not isinstance(poll, Mapping):
            return self.plain(call)
        step = self._step_of(call)
        state = PollState.model_validate({**poll, "started_at": _STARTED_AT})
        step.elapsed += _CALL_SECONDS
        is_done, wait = self._look(step, state)
        if not is_done and wait <= SOON_SECONDS:
            step.elapsed += min(wait, LONGEST_PAUSE_SECONDS)
            is_done, wait = self._look(step, state)
        step.elapsed += wait
        progress = PollProgress.from_poll(state, _STARTED_AT, PollResult(False, "expected"))
        status = PollStatus.DONE if is_done else PollStatus.WAITING
        return progress.model_copy(update={"status": status, "wait_seconds": wait}).model_dump(mode="json")

    def _step_of(self, call: Call) -> _ExpectedStep:
        name = str((call.payload.get("step") or {}).get("id"))
        waves = (call.payload.get("parameters") or {}).get("waves") or ()
        return self._steps.setdefault(name, _ExpectedStep(self.step_seconds.get(name, 0), len(waves)))

    def _look(self, step: _ExpectedStep, state: PollState) -> tuple[bool, int]:
        """Return whether the step is done, and the wait until the next look.

        It is done at the look that is nearest to the expected time. A later one would on average count half an interval
        too much.
        """
        wait = state.next_interval(step.elapsed, ready_in_seconds=step.ready_in_seconds())
        return step.elapsed + wait / 2 >= step.seconds, wait
