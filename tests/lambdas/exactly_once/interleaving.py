"""Lets callers of tasks take turns at their AWS calls, kills one of them, and records which changes AWS made.

A caller is a Lambda invocation, or a state machine that invokes a task again and again. All callers start at once. The
turns say which one makes the next calls while the others wait, as slow processes do. After the last turn, nothing
holds anyone up any more.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leeward.twin.engine import FaultKind
from leeward.twin.interception.calls.aws_calls import CallTarget
from tests.support.task_world import ENVIRONMENT, TARGET, TaskFailed, TaskWorld, load_handler

# As deployed (infra/constructs). A caller that waits longer for its turn is killed.
FUNCTION_TIMEOUT_SECONDS = 35
_LOOK_SECONDS = 0.1
_READING = ("Describe", "Get", "List", "Query")
_OWN_SERVICES = ("dynamodb", "events", "sns", "cloudwatch", "stepfunctions")


@dataclass(frozen=True)
class Turn:
    """The caller makes so many calls while the others wait. `pause` are seconds that pass before."""

    caller: str
    calls: int
    pause: int = 0


@dataclass(frozen=True)
class Kill:
    """The caller's process dies at its call with this number, counted from 1: before AWS gets it, or after."""

    caller: str
    call: int
    after: bool


@dataclass(frozen=True)
class CarriedOut:
    """A call that AWS carried out for a caller. `made_at` is when the caller made it, before it waited for its turn."""

    caller: str
    made_at: datetime
    at: datetime
    operation: str
    parameters: Mapping[str, Any]

    @property
    def is_change(self) -> bool:
        """Return whether it changed anything but the state table and messages."""
        service, operation = self.operation.split(":")
        return service not in _OWN_SERVICES and not operation.startswith(_READING)


@dataclass
class Interleaving:
    """Callers in one world. Add callers with `start`, then call `run`."""

    world: TaskWorld
    turns: Sequence[Turn] = ()
    kill: Kill | None = None
    carried_out: list[CarriedOut] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    """The calls that reached AWS, by `<caller> <operation>`, also those that it rejected."""
    ends: dict[str, str] = field(default_factory=dict)
    """The callers that have ended, and how: the return value of their work, or an error's name."""
    _calls: Counter[str] = field(default_factory=Counter)
    _made_at: datetime | None = None
    _in_turns: set[str] = field(default_factory=set)
    # What was carried out before `run` was so for no caller.
    _sending: str = ""

    def __post_init__(self) -> None:
        self.world.engine.interceptor.call_listeners.append(self._note_carried_out)

    def start(self, caller: str, work: Callable[[], str]) -> None:
        """Start a caller, whose turns begin at its first call."""

        def body() -> None:
            try:
                self.ends[caller] = work()
            except TaskFailed as failed:
                self.ends[caller] = failed.error
            finally:
                self._in_turns.discard(caller)

        self._in_turns.add(caller)
        self.world.engine.clock.call_later(0, body, caller)

    def run(self, hours: float) -> None:
        """Let time pass until every caller has ended."""
        interceptor = self.world.engine.interceptor
        expected, self.turns = set(self._in_turns), list(self.turns)
        interceptor.kill_plan, interceptor.fault_plan = self._before_call, self._choose_fault
        for _ in range(int(hours * 60)):
            self.world.advance(60)
            if self.ends.keys() == expected:
                return
        raise AssertionError(f"only {self.ends} of {sorted(expected)} have ended after {hours} hours")

    def leave_turns(self, caller: str) -> None:
        """Let a caller go on without turns, after its first call of the task."""
        self._in_turns.discard(caller)

    def invoke(self, caller: str, task: str, event: dict[str, Any]) -> Any:
        """Invoke a task's function for a caller. Raises TaskFailed."""
        functions = self.world.engine.functions
        function = functions.register(
            TARGET, caller, load_handler(task), environment=ENVIRONMENT, timeout_seconds=FUNCTION_TIMEOUT_SECONDS
        )
        made = functions.invoke_in_new_task(function, json.dumps(event))
        if made.has_failed:
            raise TaskFailed(made.error_type or "", made.error_message or "")
        return json.loads(made.payload)

    def _before_call(self, target: CallTarget, caller: str) -> bool:
        """Wait for the caller's turn. Return whether its process dies now."""
        made_at = self.world.engine.clock.now()
        while not self._is_turn_of(caller):
            self.world.engine.clock.sleep(_LOOK_SECONDS)
        self._calls[caller] += 1
        if self.kill == Kill(caller, self._calls[caller], after=False):
            return True
        self.sent[f"{caller} {target.name}"] += 1
        self._sending, self._made_at = caller, made_at  # no other call is sent before AWS has carried this one out
        return False

    def _is_turn_of(self, caller: str) -> bool:
        turns: list[Turn] = self.turns  # type: ignore[assignment]  # since `run`
        while turns and (turns[0].calls == 0 or turns[0].caller not in self._in_turns):
            turns.pop(0)
        if not turns or caller not in self._in_turns:
            return True
        turn = turns[0]
        if turn.caller != caller:
            return False
        turns[0] = Turn(caller, turn.calls - 1)
        if turn.pause:
            self.world.engine.clock.sleep(turn.pause)
        return True

    def _choose_fault(self, _target: CallTarget, caller: str) -> FaultKind | None:
        dies = self.kill == Kill(caller, self._calls[caller], after=True)
        return FaultKind.KILLED_AFTER_CALL if dies else None

    def _note_carried_out(self, target: CallTarget, parameters: Mapping[str, Any]) -> None:
        now = self.world.engine.clock.now()
        self.carried_out.append(CarriedOut(self._sending, self._made_at or now, now, target.name, parameters))
