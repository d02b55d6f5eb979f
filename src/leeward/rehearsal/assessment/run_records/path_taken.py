"""The path that a run took through its state machine, with how long each part took and may take."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leeward.rehearsal.invariants.run_record import TimedPart
from leeward.rehearsal.results.result_models import StepReport
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.state_machines.analysis.execution_bounds import max_seconds
from leeward.state_machines.analysis.state_graph import task_payload
from leeward.state_machines.asl import State, TaskState, WaitState
from leeward.state_machines.fragments.actions.server_groups import launch_waves
from leeward.state_machines.step_kinds.step_effects import Launch
from leeward.state_machines.step_kinds.step_model import StepModel

_TOKEN_TASK = ".waitForTaskToken"  # noqa: S105 - a suffix of a resource
_RUN_ENDS = frozenset({"ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"})


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which the run was in one state, or in which it had ended and was not resumed yet."""

    name: str
    since: datetime
    until: datetime

    @property
    def seconds(self) -> float:
        """Return the length in seconds."""
        return (self.until - self.since).total_seconds()

    def seconds_within(self, since: datetime, until: datetime) -> float:
        """Return how many seconds of the span are between the two times."""
        return max(timedelta(), min(self.until, until) - max(self.since, since)).total_seconds()


@dataclass(frozen=True, slots=True)
class PathTaken:
    """The states that a run passed, the questions among them, and the interruptions before each redrive."""

    visits: Sequence[Span]
    questions: Sequence[Span]
    interruptions: Sequence[Span]
    unknown_states: frozenset[str]

    def seconds_in(self, names: Collection[str]) -> float:
        """Return the seconds in these states, without questions and the time in which the run had ended."""
        own = [visit for visit in self.visits if visit.name in names and visit not in self.questions]
        idle = sum(span.seconds_within(visit.since, visit.until) for visit in own for span in self.interruptions)
        return sum(visit.seconds for visit in own) - idle


def read_path(run: RehearsedRun, events: Sequence[Mapping[str, object]], ended_at: datetime) -> PathTaken:
    """Return the path of an execution. `events` have the field names of GetExecutionHistory.

    `unknown_states` are states that the reviewed machine doesn't have.
    """
    states = _reviewed_states(run)
    visits = list(_list_visits(events, ended_at))
    questions = [visit for visit in visits if _is_question(states.get(visit.name))]
    unknown = frozenset(visit.name for visit in visits) - set(states)
    return PathTaken(visits, questions, list(_list_interruptions(events)), unknown)


def list_timed_parts(run: RehearsedRun, path: PathTaken, extra_attempts: int) -> list[TimedPart]:
    """Return each step, rollback, question, and Wait state of the path with its limit.

    A step's limit is its timeout in the document for each of its attempts and waves, and the retries of its calls. Its
    rollback, which may run long after it, has the timeout of its polls. `extra_attempts` is how often an operator
    resumed the run, which continues a step without counting an attempt.
    """
    states, rounds = _reviewed_states(run), 1 + extra_attempts
    compiled = {info.name: info for info in run.ready.compiled.steps}
    parts = []
    for step, report in zip(run.ready.runbook.steps, run.progress.steps, strict=True):
        info = compiled[report.name]
        own, undo = frozenset(info.states), frozenset(info.undo_states)
        limit = _step_limit(run, step, report, _calls_seconds(own, states))
        parts.append(TimedPart(f"the step {report.name!r}", path.seconds_in(own), limit * rounds))
        if undo:
            limit = _poll_seconds(undo, states) + _calls_seconds(undo, states)
            parts.append(TimedPart(f"the rollback of {report.name!r}", path.seconds_in(undo), limit * rounds))
    return [
        *(part for part in parts if part.seconds),
        *(
            TimedPart(f"the state {visit.name!r}", visit.seconds, _state_limit(states[visit.name], states))
            for visit in path.visits
            if _is_question(states.get(visit.name)) or isinstance(states.get(visit.name), WaitState)
        ),
        *(TimedPart(f"the state {name!r}, which the reviewed machine lacks,", 1, 0) for name in path.unknown_states),
    ]


def _reviewed_states(run: RehearsedRun) -> Mapping[str, State]:
    return run.ready.compiled.machine.states


def _is_question(state: State | None) -> bool:
    return isinstance(state, TaskState) and state.resource.endswith(_TOKEN_TASK)


def _step_limit(run: RehearsedRun, step: StepModel, report: StepReport, calls_seconds: float) -> float:
    launch = step.find_effect(Launch)
    waves = len(list(launch_waves(run.ready.application, launch.groups))) if launch and launch.groups else 1
    return max(1, report.attempts) * (step.attempt_timeout_seconds * waves + calls_seconds)


def _calls_seconds(names: Collection[str], states: Mapping[str, State]) -> float:
    """Return how long the calls among these states take at most, each with its retries."""
    owned = [states[name] for name in names if name in states]
    return sum(_alone_seconds(state) for state in owned if isinstance(state, TaskState) and not _is_question(state))


def _poll_seconds(names: Collection[str], states: Mapping[str, State]) -> float:
    """Return the timeout of the polls among these states, or 0."""
    polls = [task_payload(states[name]).get("poll") for name in names if name in states]
    timeouts = [poll.get("timeout_seconds") for poll in polls if isinstance(poll, Mapping)]
    return max((timeout for timeout in timeouts if isinstance(timeout, int)), default=0)


def _state_limit(state: State, states: Mapping[str, State]) -> float:
    """Return how long one visit of a question or a Wait state may take. A poll loop's waits take their length from the
    poll's result, so the poll's settings limit them.
    """
    if isinstance(state, TaskState):
        return _alone_seconds(state)
    if isinstance(state, WaitState) and isinstance(state.seconds, int):
        return state.seconds
    look = states.get(state.next or "") if isinstance(state, WaitState) else None
    return 0 if look is None else _longest_poll_wait(look)


def _alone_seconds(state: State) -> int:
    """Return the longest time of one state: all its tries with their time-outs, and the delays between them."""
    return max_seconds("alone", {"alone": state})


def _longest_poll_wait(look: State) -> int:
    """Return the longest wait before a poll. A task can tell that it need not look again for some minutes."""
    poll = task_payload(look).get("poll")
    members = ("longest_seconds", "longest_ready_seconds")
    waits = [poll.get(member) for member in members] if isinstance(poll, Mapping) else []
    return max((wait for wait in waits if isinstance(wait, int)), default=0)


def _list_visits(events: Sequence[Mapping[str, object]], ended_at: datetime) -> Iterator[Span]:
    """Yield the visits of states. A visit that the end of the run cut off ends with the run."""
    entered: dict[str, datetime] = {}
    for event in events:
        kind, at = str(event["type"]), datetime.fromisoformat(str(event["timestamp"]))
        if kind.endswith("StateEntered"):
            entered[_state_name(event, "stateEnteredEventDetails")] = at
        elif kind.endswith("StateExited"):
            name = _state_name(event, "stateExitedEventDetails")
            if name in entered:
                yield Span(name, entered.pop(name), at)
        elif kind in _RUN_ENDS:
            yield from (Span(name, since, at) for name, since in entered.items())
            entered.clear()
    yield from (Span(name, since, ended_at) for name, since in entered.items())


def _list_interruptions(events: Sequence[Mapping[str, object]]) -> Iterator[Span]:
    ended: datetime | None = None
    for event in events:
        at = datetime.fromisoformat(str(event["timestamp"]))
        if event["type"] in _RUN_ENDS:
            ended = at
        elif event["type"] == "ExecutionRedriven" and ended is not None:
            yield Span("interrupted", ended, at)
            ended = None


def _state_name(event: Mapping[str, object], member: str) -> str:
    details = event[member]
    assert isinstance(details, Mapping)
    return str(details["name"])
