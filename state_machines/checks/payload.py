"""The largest that a state's data or a task's payload can be, from what each state may put into it.

Nothing in it grows with the number of servers: facts go to the journal, and the texts that the states carry are cut to
`common.text`'s lengths by the tasks. So 300 servers, which is as many as Elastic Disaster Recovery replicates in one
account and Region, weigh no more than three; what weighs is how many things a step does side by side.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from leeward.common.text import LONGEST_CAUSE, LONGEST_TEXT
from leeward.state_machines.asl import Machine, Parallel, Pass, State, Task
from leeward.state_machines.checks.graph import Scope, function_of, scopes

# A character takes at most 12 bytes in JSON: two escapes, as an emoji does.
_CHARACTER = 12
# control.run.RunInput: reason 1,000 characters, take_over and waive_lock 300 each; ids, Regions and times beside them.
RUN = (1000 + 300 + 300) * _CHARACTER + 1500
# control.questions.Decision: by 200 characters, reason 1,000.
DECISION = (200 + 1000) * _CHARACTER + 100
LOOK = LONGEST_TEXT + 300
# Lambda's JSON inside a JSON text, so escaped once more: the message, names, and a stack of a few frames.
ERROR = 2 * (LONGEST_TEXT + 1200)
# Step Functions cuts a Cause there; a team's own function may say as much as it likes.
TEAM_ERROR = 2 * 32_768
FAILURE = LONGEST_CAUSE + 300
# The names of the errors of the lanes of a step.
_ERRORS_LISTED = 2_000
# A step's id, as long as a state's name, and a number, for a runbook of eighty steps: what a redriven run goes on with.
ATTEMPTS = 80 * 100
_KEYS = {
    "run": RUN,
    "attempts": ATTEMPTS,
    "look": LOOK,
    "failure": FAILURE,
    "decision": DECISION,
    "end": FAILURE,
    "left": 200,
}
_PATH = re.compile(r"\$\.(\w+)(?:\.(\w+))?")
# Members that are numbers, times or one of a few words.
_SMALL = {"attempt", "started_at", "elapsed_seconds", "wait_seconds", "status", "approved", "step", "Error", "decision"}


def largest_payload(machine: Machine) -> tuple[int, str]:
    """Bytes, and the state at which they are met. Every key that any state may have put is taken to be there."""
    outer = {"run": RUN} | _written(next(scopes(machine)))
    worst = (0, machine.start_at)
    for scope in scopes(machine):
        held = outer | _written(scope)
        data = sum(held.values())
        for name, state in scope.states.items():
            worst = max(worst, (max(data, _handed(state, held)), name))
    return worst


def _written(scope: Scope) -> dict[str, int]:
    """The most that each key of the data can hold, of those that the scope's states write."""
    sizes: dict[str, int] = {}

    def put(path: str | None, size: int) -> None:
        if path is not None and (match := _PATH.match(path)):
            sizes[match.group(1)] = max(size, sizes.get(match.group(1), 0))

    for state in scope.states.values():
        if isinstance(state, Task | Parallel):
            ours = isinstance(state, Parallel) or (function_of(state) or "").startswith("leeward-")
            for catcher in state.catch:
                put(catcher.result_path, ERROR if ours else TEAM_ERROR)
        if isinstance(state, Parallel):
            put(state.result_path, len(state.branches) * (ERROR + 200) + 100)
        elif isinstance(state, Task) and state.result_path is not None:
            key = state.result_path.removeprefix("$.")
            put(state.result_path, _KEYS.get(key, TEAM_ERROR))
        elif isinstance(state, Pass):
            # A missed look stands in for an answer, with the members that an answer has.
            put(state.result_path, LOOK if state.result_path == "$.look" else _handed(state, _KEYS | sizes))
    return sizes


def _handed(state: State, held: Mapping[str, int]) -> int:
    """The size of a state's Parameters, filled in."""
    return _filled(state.parameters, held) if isinstance(state, Task | Pass) else 0


def _filled(template: object, held: Mapping[str, int]) -> int:
    if not isinstance(template, Mapping):
        return len(json.dumps(template))
    total = 2
    for key, value in template.items():
        total += len(json.dumps(key)) + 2
        if key.endswith(".$"):
            # A text made of another is escaped once more.
            times = 2 if "JsonToString" in str(value) else 1
            total += times * sum(_referred(name, member, held) for name, member in _PATH.findall(str(value)))
            total += len(str(value))
        else:
            total += _filled(value, held)
    return total


def _referred(key: str, member: str, held: Mapping[str, int]) -> int:
    if key == "attempts" or member in _SMALL:
        return 100
    return _ERRORS_LISTED if member == "errors" else held.get(key, 100)
