"""Show a list of runs, and the questions that runs wait for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from leeward.base import durations
from leeward.cli.rendering.text_format import to_one_line

if TYPE_CHECKING:
    from leeward.control.approvals.questions import Question
    from leeward.control.notifications.unsent_messages import UnsentMessage
    from leeward.operations.run_lookup import RunStatus

_STYLES = {"RUNNING": "running", "SUCCEEDED": "done", "UNKNOWN": "warning"}


def build_runs_table(runs: Sequence[RunStatus]) -> Table:
    """Return a table with one row per run, in the given order."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="quiet")
    for title in ("run", "status", "started", "took", "region"):
        table.add_column(title, overflow="fold")
    for run in runs:
        status = run.status + (f", resumed {run.redrives}x" if run.redrives else "")
        table.add_row(
            Text(to_one_line(run.record.run), style="name"),
            Text(status, style=_STYLES.get(run.status, "failed")),
            Text(_format_time(run.record.began_at), style="quiet"),
            Text(_format_duration(run)),
            Text(run.region, style="quiet"),
        )
    return table


def format_question(run: str, question: Question, unsent: Sequence[UnsentMessage] = ()) -> list[Text]:
    """Return the question, its deadline and default answer, and the commands that answer it.

    If its message is among `unsent`, a line says so, because then no one may know of the question.
    """
    until = f" until {_format_time(question.expires_at)}" if question.expires_at else ""
    lines = [Text(f"  waiting for an answer{until}, default: {question.default}", style="asking")]
    lines += format_unsent([message for message in unsent if message.asks(question.step, question.attempt)])
    lines += [Text(f"    {to_one_line(line)}") for line in question.message.splitlines() if line.strip()]
    answers = (f'leeward {choice} {run} --reason "..."' for choice in question.choices)
    return lines + [Text(f"    {answer}", style="quiet") for answer in answers]


def format_unsent(messages: Sequence[UnsentMessage]) -> list[Text]:
    """Return a line for each message that the team did not get."""
    return [
        Text(to_one_line(f"  the team could not be notified: {message.subject}: {message.error}"), style="warning")
        for message in messages
    ]


def _format_time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _format_duration(run_status: RunStatus) -> str:
    ended = run_status.stopped_at or run_status.record.ended_at
    return (
        ""
        if ended is None
        else durations.format_duration(max(0.0, (ended - run_status.record.began_at).total_seconds()))
    )
