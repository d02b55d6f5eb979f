"""How long a run was in the states of a step, which it leaves for questions, redrives, and rollbacks of others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from leeward.rehearsal.assessment.run_records.path_taken import PathTaken, Span

START = datetime(2026, 3, 1, 9, tzinfo=UTC)


def span(name: str, first: int, last: int) -> Span:
    return Span(name, START + timedelta(minutes=first), START + timedelta(minutes=last))


VISITS = [span("act", 0, 10), span("ask", 10, 40), span("other step", 40, 50), span("look", 50, 70)]


def test_only_the_states_of_the_step_count() -> None:
    path = PathTaken(VISITS, [], [], frozenset())
    assert path.seconds_in({"act", "look"}) == 30 * 60
    assert path.seconds_in({"Undo: act"}) == 0


def test_questions_and_the_time_before_a_redrive_do_not_count() -> None:
    path = PathTaken(VISITS, [VISITS[1]], [span("ended", 60, 65)], frozenset())
    assert path.seconds_in({"act", "ask", "look"}) == 25 * 60
