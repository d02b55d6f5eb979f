"""Counts the state transitions and the task calls of a run without failures, by executing the compiled machine.

A polled task is done when its step's expected time has passed. The waits until then are those that tasks compute.
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
class _ExpectedResults:
    """The tasks' results, when each step takes its time of `step_seconds`."""

    step_seconds: Mapping[str, float]
    plain: Script = field(default_factory=Script)
    _elapsed: dict[str, int] = field(default_factory=dict)

    def __call__(self, call: Call) -> Data:
        poll = call.payload.get("poll")
        if not isinstance(poll, Mapping):
            return self.plain(call)
        step = str((call.payload.get("step") or {}).get("id"))
        expected = self.step_seconds.get(step, 0)
        state = PollState.model_validate({**poll, "started_at": _STARTED_AT})
        elapsed = self._elapsed.get(step, 0) + _CALL_SECONDS
        wait = state.next_interval(elapsed, ready_in_seconds=expected - elapsed)
        # The call that is nearest to the expected time. A later one would on average count half an interval too much.
        is_done = elapsed + wait / 2 >= expected
        if not is_done and wait <= SOON_SECONDS:
            elapsed += min(wait, LONGEST_PAUSE_SECONDS)  # and looks again
            is_done = elapsed + wait / 2 >= expected
        self._elapsed[step] = elapsed + wait
        progress = PollProgress.from_poll(state, _STARTED_AT, PollResult(False, "expected"))
        status = PollStatus.DONE if is_done else PollStatus.WAITING
        return progress.model_copy(update={"status": status, "wait_seconds": wait}).model_dump(mode="json")
