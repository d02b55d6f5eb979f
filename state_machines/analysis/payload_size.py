"""Computes how large a state's data or a task's payload can become, from what each state may write.

The size doesn't depend on the number of servers. Details go to the journal, and tasks cut the texts in the data to the
lengths in `common.text_limits`. So 300 servers, the most that Elastic Disaster Recovery replicates in one account and
Region, take no more space than three.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from leeward.common.text_limits import MAX_CAUSE_BYTES, MAX_MEMO_BYTES, MAX_TEXT_BYTES
from leeward.state_machines.analysis.state_graph import invoked_function
from leeward.state_machines.asl import PassState, State, StateMachine, TaskState

# In JSON, a character takes at most 12 bytes: two escapes, for example for an emoji.
_CHARACTER_BYTES = 12
# RunInput: reason has up to 1,000 characters, take_over and waive_lock have 300 each. The rest is IDs, Regions, and
# times.
RUN_BYTES = (1000 + 300 + 300) * _CHARACTER_BYTES + 1500
# Decision: `by` has up to 200 characters, `reason` up to 1,000.
DECISION_BYTES = (200 + 1000) * _CHARACTER_BYTES + 100
# Also counts, times, and the head of the journal.
POLL_BYTES = MAX_TEXT_BYTES + MAX_MEMO_BYTES + 500
# Lambda's error JSON is inside a JSON string, so it is escaped twice. It has a message, names, and a few stack frames.
ERROR_BYTES = 2 * (MAX_TEXT_BYTES + 1200)
# Step Functions cuts a Cause at this length. The size of an error from a team's own function has no other limit.
TEAM_ERROR_BYTES = 2 * 32_768
FAILURE_BYTES = MAX_CAUSE_BYTES + 300
# For each of up to 80 steps: its ID, as long as a state name can be, and a number. A redriven run resumes with these.
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
# Members that hold a number, a time, or a single word.
_SMALL_MEMBERS = {
    "attempt",
    "started_at",
    "elapsed_seconds",
    "wait_seconds",
    "waited_seconds",
    "head",
    "status",
    "approved",
    "step",
    "Error",
    "decision",
}


def largest_payload(machine: StateMachine) -> tuple[int, str]:
    """Return the largest size in bytes, and the name of the state that has it. Assumes that every key that a state may
    write is present.
    """
    sizes = {"run": RUN_BYTES} | _written_sizes(machine.states)
    data = sum(sizes.values())
    return max((max(data, _parameters_size(state, sizes)), name) for name, state in machine.states.items())


def _written_sizes(states: Mapping[str, State]) -> dict[str, int]:
    """Return the largest size of each key that the states write."""
    sizes: dict[str, int] = {}

    def put(path: str | None, size: int) -> None:
        if path is not None and (match := _REFERENCE_PATTERN.match(path)):
            sizes[match.group(1)] = max(size, sizes.get(match.group(1), 0))

    for state in states.values():
        if isinstance(state, TaskState):
            is_leeward = (invoked_function(state) or "").startswith("leeward-")
            for catcher in state.catch:
                put(catcher.result_path, ERROR_BYTES if is_leeward else TEAM_ERROR_BYTES)
            if state.result_path is not None:
                key = state.result_path.removeprefix("$.")
                put(state.result_path, _BYTES_BY_KEY.get(key, TEAM_ERROR_BYTES))
        elif isinstance(state, PassState):
            # The result that replaces a failed poll has the members of a poll's result.
            put(
                state.result_path,
                POLL_BYTES if state.result_path == "$.look" else _parameters_size(state, _BYTES_BY_KEY | sizes),
            )
    return sizes


def _parameters_size(state: State, sizes: Mapping[str, int]) -> int:
    """Return the size of a state's Parameters after Step Functions has inserted the values."""
    return _template_size(state.parameters, sizes) if isinstance(state, TaskState | PassState) else 0


def _template_size(template: object, sizes: Mapping[str, int]) -> int:
    if not isinstance(template, Mapping):
        return len(json.dumps(template))
    total = 2
    for key, value in template.items():
        total += len(json.dumps(key)) + 2
        if key.endswith(".$"):
            # JsonToString escapes the text again.
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
    return sizes.get(key, 100)
