"""Two polls of a step, a kill, and a takeover, at every call: always one launch, one chain, and no lost entry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lambdas.exactly_once.guarantees import verify
from tests.lambdas.exactly_once.interleaving import Kill, Turn
from tests.lambdas.exactly_once.shared_step_run import LINGERING, REPEATED, SUCCESSOR, Course, played
from tests.lambdas.exactly_once.steps import ROUTE, STEPS, SharedStep
from tests.support.nonempty import nonempty

# More calls than an invocation makes, and those of the task that takes over the lock.
ALL, TAKEOVER = 99, 10
# Shorter and longer than a verification of the lock counts. A call that waits longer than 35 s is killed.
PAUSES = (0, 6, 20)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Draw a course: who makes how many calls while the others wait, who dies, and whether a second run takes over."""
    is_taken_over = draw(st.booleans())
    callers = (LINGERING, REPEATED, SUCCESSOR) if is_taken_over else (LINGERING, REPEATED)
    turn = st.builds(Turn, st.sampled_from(callers), st.integers(1, 14), st.sampled_from(PAUSES))
    kill = st.builds(Kill, st.sampled_from(callers), st.integers(1, 20), st.booleans())
    return Course(
        draw(st.sampled_from(STEPS)),
        tuple(draw(st.lists(turn, min_size=1, max_size=6))),
        draw(st.none() | kill),
        is_taken_over,
        earlier_calls=draw(st.integers(0, 1)),
        first_seconds=draw(st.sampled_from((10, 60))),
    )


def disturbances(step: SharedStep, earlier_calls: int) -> Iterator[Course]:
    """Yield the courses with one kind of disturbance at one call of the first poll."""
    for call in range(1, calls_of_poll(step, earlier_calls) + 1):
        before, rest = Turn(LINGERING, call - 1), Turn(LINGERING, ALL, 20)
        yield Course(step, (before, Turn(REPEATED, ALL)), earlier_calls=earlier_calls)
        for successor_calls in (TAKEOVER, ALL):
            turns = (before, Turn(SUCCESSOR, successor_calls), rest)
            yield Course(step, turns, is_taken_over=True, earlier_calls=earlier_calls)
        for is_after in (False, True):
            kill = Kill(LINGERING, call, is_after)
            yield Course(step, (rest,), kill, earlier_calls=earlier_calls)
            turns = (rest, Turn(SUCCESSOR, TAKEOVER))
            yield Course(step, turns, kill, is_taken_over=True, earlier_calls=earlier_calls)


def calls_of_poll(step: SharedStep, earlier_calls: int) -> int:
    """Return how many calls a poll makes that nothing interrupts."""
    with played(Course(step, (Turn(LINGERING, ALL),), earlier_calls=earlier_calls)) as run:
        verify(run)
        return sum(call.caller == LINGERING for call in run.interleaving.carried_out)


def play(course: Course) -> None:
    with played(course) as run:
        verify(run)


@settings(max_examples=20, derandomize=True, database=None, deadline=None)
@given(courses())
def test_drawn_courses_keep_guarantees(course: Course) -> None:
    play(course)


@pytest.mark.verify("draws 600 courses; `make test` draws 20")
@settings(max_examples=600, derandomize=True, database=None, deadline=None)
@given(courses())
def test_many_drawn_courses_keep_guarantees(course: Course) -> None:
    play(course)


@pytest.mark.parametrize(
    ("step", "earlier_calls"),
    [
        pytest.param(
            step,
            earlier_calls,
            id=f"{step.kind}-{earlier_calls}",
            marks=[]
            if (step, earlier_calls) == (ROUTE, 0)
            else pytest.mark.verify("plays 80 courses, each of a launch; `make test` plays those of the shortest poll"),
        )
        for step in STEPS
        for earlier_calls in (0, 1)
    ],
)
def test_single_disturbance_at_every_call_keeps_guarantees(step: SharedStep, earlier_calls: int) -> None:
    for course in nonempty(disturbances(step, earlier_calls)):
        with played(course) as run:
            verify(run)
            assert (run.interleaving.ends[LINGERING] == "Runtime.ExitError") == (course.kill is not None)
