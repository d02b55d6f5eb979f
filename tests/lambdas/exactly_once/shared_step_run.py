"""Two polls of a step of one run, and a second run that takes over its lock, in one world."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from leeward.state_machines.fragments.retries import PERMANENT_ERRORS, UNEXPECTED_ERRORS
from tests.lambdas.exactly_once.interleaving import Interleaving, Kill, Turn
from tests.lambdas.exactly_once.steps import SharedStep
from tests.support.task_world import START, TaskFailed, TaskWorld, open_task_world, run_reference

# An invocation that its caller has given up, the state machine that calls the task again, and the second run.
LINGERING, REPEATED, SUCCESSOR = "lingering", "repeated", "successor"
_PERMANENT = (*PERMANENT_ERRORS, *UNEXPECTED_ERRORS)


@dataclass(frozen=True)
class Course:
    """What happens. `earlier_calls` of the step have ended before. `first_seconds` is the interval of its polls.

    With an interval of 60 s, a call looks once. With 10 s, it looks again in the same call.
    """

    step: SharedStep
    turns: tuple[Turn, ...] = ()
    kill: Kill | None = None
    is_taken_over: bool = False
    earlier_calls: int = 0
    first_seconds: int = 60


@dataclass
class SharedStepRun:
    """A course that is being played. `first` and `second` are the references of the two runs."""

    course: Course
    world: TaskWorld
    interleaving: Interleaving
    first: dict[str, Any]
    second: dict[str, Any]

    def play(self) -> None:
        """Play the course until every caller has ended."""
        given = self._first_event(self.first)
        for _ in range(self.course.earlier_calls):
            progress = self.world.call(self.course.step.task, given)
            if progress["status"] == "done":
                break  # and its answer is lost, so the state machine calls the task with the same event again
            given = _next_event(given, progress)
            self.world.advance(900)
        self.interleaving.start(LINGERING, lambda: self._call_once(given))
        self.interleaving.start(REPEATED, lambda: self._call_until_done(REPEATED, given))
        if self.course.is_taken_over:
            self.interleaving.start(SUCCESSOR, self._take_over)
        self.interleaving.run(hours=3)

    def _call_once(self, event: dict[str, Any]) -> str:
        return str(self.interleaving.invoke(LINGERING, self.course.step.task, event)["status"])

    def _call_until_done(self, caller: str, event: dict[str, Any]) -> str:
        while True:
            progress = self._call_with_retries(caller, self.course.step.task, event)
            if progress["status"] == "done":
                return "done"
            self.world.engine.clock.sleep(progress["wait_seconds"])
            event = _next_event(event, progress)

    def _take_over(self) -> str:
        lock = {"kind": "lock", "step": "lock", "application": "website"}
        event = self._event(self.second, **lock) | {"poll": self._poll}
        head = self._call_with_retries(SUCCESSOR, "lock_acquire", event, in_turns=True)["head"]
        return self._call_until_done(SUCCESSOR, self._first_event(self.second) | {"head": head})

    def _call_with_retries(self, caller: str, task: str, event: dict[str, Any], *, in_turns: bool = False) -> Any:
        for pause in (2, 4, 8, 16, 30, None):
            try:
                return self.interleaving.invoke(caller, task, event)
            except TaskFailed as failed:
                if pause is None or failed.error in _PERMANENT:
                    raise
            finally:
                if not in_turns:
                    self.interleaving.leave_turns(caller)
            self.world.engine.clock.sleep(pause)
        raise AssertionError("unreachable")

    def _first_event(self, run: dict[str, Any]) -> dict[str, Any]:
        step = self.course.step
        return self._event(run, kind=step.kind, step="step", **step.parameters) | {"poll": self._poll}

    def _event(self, run: dict[str, Any], **given: Any) -> dict[str, Any]:
        return self.world.event(**given) | {"run": run}

    @property
    def _poll(self) -> dict[str, Any]:
        return {"first_seconds": self.course.first_seconds, "longest_seconds": 300, "timeout_seconds": 7200}


def _next_event(event: dict[str, Any], progress: dict[str, Any]) -> dict[str, Any]:
    given = {name: progress[name] for name in ("attempt", "waited_seconds", "started_at", "news", "memo")}
    return event | {"head": progress["head"], "poll": event["poll"] | given}


@contextmanager
def played(course: Course) -> Iterator[SharedStepRun]:
    """Play a course in a new world."""
    with open_task_world() as world:
        world.servers("web-1", "web-2", "database")
        world.advance((START - world.engine.clock.now()).total_seconds())
        interleaving = Interleaving(world, course.turns, course.kill)
        world.step("lock_acquire", "lock", "lock", application="website")
        course.step.prepare(world)
        first = world.run
        second = run_reference("run-2", world.engine.clock.now() + timedelta(seconds=1), take_over=first["id"])
        run = SharedStepRun(course, world, interleaving, first, second)
        run.play()
        yield run
