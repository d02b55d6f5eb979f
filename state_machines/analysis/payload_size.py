"""The largest that a state's data or a task's payload can be, from what each state may put into it.

Nothing in it grows with the number of servers: facts go to the journal, and the texts that the states carry are cut to
`common.text`'s lengths by the tasks. So 300 servers, which is as many as Elastic Disaster Recovery replicates in one
account and Region, weigh no more than three; what weighs is how many things a step does side by side.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from leeward.common.text_limits import MAX_CAUSE_BYTES, MAX_TEXT_BYTES
from leeward.state_machines.analysis.state_graph import StateScope, invoked_function, iterate_scopes
from leeward.state_machines.asl import ParallelState, PassState, State, StateMachine, TaskState

# A character takes at most 12 bytes in JSON: two escapes, as an emoji does.
_CHARACTER_BYTES = 12
# control.run.RunInput: reason 1,000 characters, take_over and waive_lock 300 each; ids, Regions and times beside them.
RUN_BYTES = (1000 + 300 + 300) * _CHARACTER_BYTES + 1500
# control.questions.Decision: by 200 characters, reason 1,000.
DECISION_BYTES = (200 + 1000) * _CHARACTER_BYTES + 100
POLL_BYTES = MAX_TEXT_BYTES + 300
# Lambda's JSON inside a JSON text, so escaped once more: the message, names, and a stack of a few frames.
ERROR_BYTES = 2 * (MAX_TEXT_BYTES + 1200)
# Step Functions cuts a Cause there; a team's own function may say as much as it likes.
TEAM_ERROR_BYTES = 2 * 32_768
FAILURE_BYTES = MAX_CAUSE_BYTES + 300
# The names of the errors of the lanes of a step.
_ERROR_NAMES_BYTES = 2_000
# A step's id, as long as a state's name, and a number, for a runbook of eighty steps: what a redriven run goes on with.
ATTEMPTS_BYTES = 80 * 100
_BYTES_BY_KEY = {
    "run": RUN_BYTES,
    "attempts": ATTEMPTS_BYTES,
    "look": POLL_BYTES,
    "failure": FAILURE_BYTES,
    "decision": DECISION_BYTES,
    "end": FAILURE_BYTES,
    "left": 200,
}
_REFERENCE_PATTERN = re.compile(r"\$\.(\w+)(?:\.(\w+))?")
# Members that are numbers, times or one of a few words.
_SMALL_MEMBERS = {
    "attempt",
    "started_at",
    "elapsed_seconds",
    "wait_seconds",
    "status",
    "approved",
    "step",
    "Error",
    "decision",
}


def largest_payload(machine: StateMachine) -> tuple[int, str]:
    """Bytes, and the state at which they are met. Every key that any state may have put is taken to be there."""
    outer = {"run": RUN_BYTES} | _written_sizes(next(iterate_scopes(machine)))
    worst = (0, machine.start_at)
    for scope in iterate_scopes(machine):
        held = outer | _written_sizes(scope)
        data = sum(held.values())
        for name, state in scope.states.items():
            worst = max(worst, (max(data, _parameters_size(state, held)), name))
    return worst


def _written_sizes(scope: StateScope) -> dict[str, int]:
    """The most that each key of the data can hold, of those that the scope's states write."""
    sizes: dict[str, int] = {}

    def put(path: str | None, size: int) -> None:
        if path is not None and (match := _REFERENCE_PATTERN.match(path)):
            sizes[match.group(1)] = max(size, sizes.get(match.group(1), 0))

    for state in scope.states.values():
        if isinstance(state, TaskState | ParallelState):
            ours = isinstance(state, ParallelState) or (invoked_function(state) or "").startswith("leeward-")
            for catcher in state.catch:
                put(catcher.result_path, ERROR_BYTES if ours else TEAM_ERROR_BYTES)
        if isinstance(state, ParallelState):
            put(state.result_path, len(state.branches) * (ERROR_BYTES + 200) + 100)
        elif isinstance(state, TaskState) and state.result_path is not None:
            key = state.result_path.removeprefix("$.")
            put(state.result_path, _BYTES_BY_KEY.get(key, TEAM_ERROR_BYTES))
        elif isinstance(state, PassState):
            # A missed look stands in for an answer, with the members that an answer has.
            put(
                state.result_path,
                POLL_BYTES if state.result_path == "$.look" else _parameters_size(state, _BYTES_BY_KEY | sizes),
            )
    return sizes


def _parameters_size(state: State, sizes: Mapping[str, int]) -> int:
    """The size of a state's Parameters, filled in."""
    return _template_size(state.parameters, sizes) if isinstance(state, TaskState | PassState) else 0


def _template_size(template: object, sizes: Mapping[str, int]) -> int:
    if not isinstance(template, Mapping):
        return len(json.dumps(template))
    total = 2
    for key, value in template.items():
        total += len(json.dumps(key)) + 2
        if key.endswith(".$"):
            # A text made of another is escaped once more.
            times = 2 if "JsonToString" in str(value) else 1
            total += times * sum(
                _reference_size(name, member, sizes) for name, member in _REFERENCE_PATTERN.findall(str(value))
            )
            total += len(str(value))
        else:
            total += _template_size(value, sizes)
    return total


def _reference_size(key: str, member: str, sizes: Mapping[str, int]) -> int:
    if key == "attempts" or member in _SMALL_MEMBERS:
        return 100
    return _ERROR_NAMES_BYTES if member == "errors" else sizes.get(key, 100)
