"""Runs as an operator reads them: one line each, and what a run waits for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from leeward.cli.screens.words import one_line
from leeward.common import durations

if TYPE_CHECKING:
    from leeward.control.questions import Question
    from leeward.operations.runs import Standing

_STYLES = {"RUNNING": "running", "SUCCEEDED": "done", "UNKNOWN": "warning"}


def runs_table(runs: Sequence[Standing]) -> Table:
    """One row per run, latest first."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="quiet")
    for title in ("run", "status", "began", "took", "region"):
        table.add_column(title, overflow="fold")
    for standing in runs:
        told = standing.status + (f", {standing.redrives}x resumed" if standing.redrives else "")
        table.add_row(
            Text(one_line(standing.run.run), style="name"),
            Text(told, style=_STYLES.get(standing.status, "failed")),
            Text(_clock(standing.run.began_at), style="quiet"),
            Text(_took(standing)),
            Text(standing.region, style="quiet"),
        )
    return table


def question_lines(run: str, question: Question) -> list[Text]:
    """What is asked, until when, what silence means, and the commands that answer."""
    until = f", until {_clock(question.expires_at)}" if question.expires_at else ""
    lines = [Text(f"  waits{until}; silence means {question.default}", style="asking")]
    lines += [Text(f"    {one_line(line)}") for line in question.message.splitlines() if line.strip()]
    answers = (f'leeward {choice} {run} --reason "..."' for choice in question.choices)
    return lines + [Text(f"    {answer}", style="quiet") for answer in answers]


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _took(standing: Standing) -> str:
    ended = standing.stopped_at or standing.run.ended_at
    return "" if ended is None else durations.show(max(0.0, (ended - standing.run.began_at).total_seconds()))
