"""Makes faults happen on a stage, counts what could have been struck, and mends everything again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from leeward.common import names
from leeward.twin.engine.functions import Mishap
from leeward.twin.engine.invocation import Function
from leeward.twin.run import Run
from leeward.twin.stage import Stage
from leeward.twin.sweep.faults import RETRIED, CallMode, Fault, LambdaMode, OperatorMode
from leeward.twin.sweep.survey import Survey
from leeward.twin.wire import Fault as Strike
from leeward.twin.wire.calls import Target
from leeward.twin.world.documents import Operator

STOPPED_ERROR, STOPPED_CAUSE = "Stopped", "stopped from outside, by the sweep"
_LONG = timedelta(minutes=10)
_STRIKES = {
    CallMode.THROTTLED: Strike.THROTTLED,
    CallMode.THROTTLED_LONG: Strike.THROTTLED,
    CallMode.SERVER_ERROR: Strike.SERVER_ERROR,
    CallMode.REFUSED: Strike.REFUSED,
    CallMode.TIMED_OUT: Strike.TIMED_OUT,
    CallMode.ANSWER_LOST: Strike.ANSWER_LOST,
    CallMode.DENIED: Strike.DENIED,
    CallMode.EXPIRED: Strike.EXPIRED,
    CallMode.EMPTY: Strike.EMPTY,
    CallMode.INCOMPLETE: Strike.INCOMPLETE,
    CallMode.NEW_VALUE: Strike.NEW_VALUE,
    CallMode.MISSING: Strike.MISSING,
    CallMode.KILLED_BEFORE: Strike.KILLED_BEFORE,
    CallMode.KILLED_AFTER: Strike.KILLED_AFTER,
}
_KILLED = frozenset({CallMode.KILLED_BEFORE, CallMode.KILLED_AFTER})
_MISHAPS = {LambdaMode.TWICE: Mishap.TWICE, LambdaMode.OVERRUNS: Mishap.OVERRUNS}
_OPERATORS: Mapping[OperatorMode, dict[str, str]] = {
    OperatorMode.REJECTS: {"approval": "reject"},
    OperatorMode.SILENT: {"approval": "silence", "failure": "silence"},
    OperatorMode.RETRIES: {"failure": "retry"},
    OperatorMode.SKIPS: {"failure": "skip"},
}


def _ours(function: str) -> bool:
    """Whether the run's own doings are struck; an application's functions serve its users beside it."""
    return function.startswith(f"{names.PREFIX}-")


def operator_of(told: Operator, faults: Sequence[Fault]) -> Operator:
    """The person on call as the faults want them."""
    for fault in faults:
        if fault.kind == "operator":
            told = told.model_copy(update=_OPERATORS[OperatorMode(fault.how)])
    return told


@dataclass(slots=True)
class _Within:
    """The invocation that is under way in a task: for which state, which one it is, and how many calls it has made."""

    state: str = ""
    number: int = 0
    calls: int = 0


# A task of the twin is a greenlet, and has context variables of its own.
_within: ContextVar[_Within] = ContextVar("within", default=_Within())  # noqa: B039 - of calls outside any invocation


class Guide(Protocol):
    """Who decides which trial a run becomes."""

    def at(self, point: str) -> tuple[Fault, ...] | None:
        """The run has come to `point`: the faults that are to strike it from here on, if this is where they begin."""
        ...

    def meet(self, key: str) -> None:
        """All trials that come to `key` go on alike."""
        ...

    def as_it_was(self) -> None:
        """What was to strike has changed nothing."""
        ...


class Unbroken:
    """The clean run."""

    def at(self, point: str) -> None:
        """Nothing strikes it."""

    def meet(self, key: str) -> None:
        """It is the only one."""

    def as_it_was(self) -> None:
        """As it was to be."""


class Breaking:
    """Strikes one run, from `begin` to `mend`; `seen` is what the run did meanwhile, `struck` the faults that came."""

    def __init__(self, stage: Stage, guide: Guide) -> None:
        self._stage, self._guide = stage, guide
        self.faults: tuple[Fault, ...] = ()
        self.seen = Survey()
        self.struck: set[str] = set()
        self._throttled: dict[tuple[str, str], datetime] = {}
        self._dark: list[str] = []
        self._run: Run | None = None
        self._on = False
        # The call of a client that was struck, and is to be tried again.
        self._tried_again = ""
        stage.engine.on_event(self._observe)

    def come_to(self, point: str) -> None:
        """Some faults may be known from here on."""
        self.faults = self._guide.at(point) or self.faults
        self.struck.update(fault.id for fault in self.faults if fault.kind == "operator")

    def begin(self, run: Run) -> None:
        """From now on, for this run."""
        self._run, self._on = run, True
        self._stage.engine.wire.plan = self._call
        self._stage.engine.wire.on_surprise = self._answered
        self._stage.engine.functions.plan = self._invocation

    def mend(self) -> None:
        """Nothing is broken any more; a Region that the faults had darkened answers again."""
        self._on = False
        self._stage.engine.wire.plan = None
        self._stage.engine.functions.plan = None
        for region in self._dark:
            self._stage.darkness.lifts(region)

    def _call(self, target: Target, caller: str) -> Strike | None:
        if not _ours(caller):
            return None
        now = self._stage.engine.clock.now()
        within = _within.get()
        within.calls += 1
        self.seen.calls.append(f"{caller} {target.name} {target.region}")
        self.seen.sites.append(f"{within.state} {caller} {within.calls}")
        key = (target.name, target.region)
        if target.api_call == self._tried_again != "":
            self._tried_again = ""
            self._meet("tried again", target, len(self.seen.calls))
        for fault in self._of("call", str(len(self.seen.calls))):
            if fault.how == CallMode.THROTTLED_LONG:
                self._throttled[key] = now + _LONG
            if fault.how in RETRIED:
                self._tried_again = target.api_call
            if fault.how in _KILLED:
                done = len(self.seen.calls) - (fault.how == CallMode.KILLED_BEFORE)
                self._meet("killed", within.number, done)
            return _STRIKES[CallMode(fault.how)]
        return Strike.THROTTLED if now < self._throttled.get(key, now) else None

    def _answered(self, answer: dict[str, Any] | None) -> None:
        if answer is None:
            self._guide.as_it_was()
        else:
            told = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
            self._meet("answered", len(self.seen.calls), told)

    def _meet(self, *alike: object) -> None:
        """`alike`: in what trials may differ that are in the same turn of the same instant."""
        engine = self._stage.engine
        self._guide.meet(repr((*alike, engine.clock.now(), engine.turns)))

    def _invocation(self, function: Function) -> Mishap | None:
        if not _ours(function.name):
            return None
        self.seen.invocations.append(f"{function.name} {function.region}")
        _within.set(_Within(self._stage.engine.state_name(), len(self.seen.invocations)))
        for fault in self._of("lambda", str(len(self.seen.invocations))):
            return _MISHAPS[LambdaMode(fault.how)]
        return None

    def _observe(self, execution: str, event: Mapping[str, Any]) -> None:
        if not self._on or self._run is None or execution != self._run.execution:
            return
        details = event.get("taskScheduledEventDetails") or {}
        if str(details.get("resource", "")).endswith(".waitForTaskToken"):
            self.seen.questions += 1
        if not str(event["type"]).endswith("StateEntered"):
            return
        state = str(event["stateEnteredEventDetails"]["name"])
        self.seen.states.append(state)
        for step in self._run.ready.compiled.steps:
            if state in step.states and step.id not in self.seen.steps:
                self.seen.steps.append(step.id)
                self._darken(step.id)
        if self._of("state", str(len(self.seen.states))):
            self._stage.engine.clock.later(0, self._stop, name="sweep")

    def _of(self, kind: str, where: str) -> list[Fault]:
        self.come_to(f"{kind}:{where}")
        found = [fault for fault in self.faults if (fault.kind, fault.where) == (kind, where)]
        self.struck.update(fault.id for fault in found)
        return found

    def _darken(self, step: str) -> None:
        for fault in self._of("step", step):
            if self._stage.darkness.falls(fault.region):
                self._dark.append(fault.region)

    def _stop(self) -> None:
        if self._run is not None:
            client = self._stage.engine.client("stepfunctions", self._run.way.target)
            client.stop_execution(executionArn=self._run.execution, error=STOPPED_ERROR, cause=STOPPED_CAUSE)
