"""The same rehearsal, told line by line where nothing can be redrawn: one line as a step or a group begins and ends."""

from __future__ import annotations

from datetime import datetime

from leeward.base import durations
from leeward.cli.rendering.bars import order_users
from leeward.cli.rendering.glyphs import Glyphs
from leeward.cli.rendering.text_format import (
    format_clock,
    format_duration,
    format_since_incident,
    strip_name_prefix,
    to_one_line,
)
from leeward.rehearsal.results.result_models import LiveViewFrame, RunStepStatus, StepPartReport, StepReport

_STATUS_WORDS = {
    RunStepStatus.RUNNING: "begins",
    RunStepStatus.ASKING: "asks",
    RunStepStatus.DONE: "done",
    RunStepStatus.FAILED: "FAILED",
    RunStepStatus.SKIPPED: "skipped",
}
_STARTED = (RunStepStatus.RUNNING, RunStepStatus.ASKING)


class ProgressLog:
    """Remembers the last moment and tells what changed since."""

    def __init__(self, glyphs: Glyphs) -> None:
        self._glyphs = glyphs
        self._reported: dict[str, tuple[RunStepStatus, int]] = {}
        self._users: dict[str, int] | None = None
        self._note = ""
        self._has_heading = False

    def describe_changes(self, moment: LiveViewFrame) -> list[str]:
        """The lines for what changed with `moment`; none when nothing did."""
        lines = [] if self._has_heading else [self._format_heading(moment)]
        self._has_heading = True
        if moment.note and moment.note != self._note:
            lines.append(self._format_line(moment, moment.at, "note", to_one_line(moment.note)))
        self._note = moment.note
        for i, step in enumerate(moment.steps):
            begun, ended = self._describe_item(moment, f"{i}", step, "")
            lines += begun
            for j, part in enumerate(step.parts):
                for told in self._describe_item(moment, f"{i}.{j}", part, f"{to_one_line(step.name)}: "):
                    lines += told
            lines += ended
        # Of a run on AWS nobody counts the users.
        if moment.users and moment.users != self._users:
            self._users = dict(moment.users)
            lines.append(self._format_line(moment, moment.at, "users", self._format_users(moment)))
        return lines

    def _format_heading(self, moment: LiveViewFrame) -> str:
        s = self._glyphs
        return (
            f"{to_one_line(moment.application)} {s.dot} {to_one_line(moment.runbook)}   {moment.origin} {s.arrow} "
            f"{moment.target}   {to_one_line(moment.where)}, RTO "
            f"{durations.format_duration(moment.rto_seconds)}, times in UTC"
        )

    def _format_users(self, moment: LiveViewFrame) -> str:
        users = order_users(moment.users, moment.origin, moment.target)
        return f" {self._glyphs.dot} ".join(f"{place} {n}" for place, n in users)

    def _describe_item(
        self, moment: LiveViewFrame, key: str, item: StepReport | StepPartReport, prefix: str
    ) -> tuple[list[str], list[str]]:
        """The lines of its beginning and of its end, apart: a step's groups are told between them."""
        attempts = item.attempts if isinstance(item, StepReport) else 1
        now, before = (item.status, attempts), self._reported.get(key, (RunStepStatus.NOT_REACHED, 0))
        if now == before or item.status is RunStepStatus.NOT_REACHED:
            return [], []
        self._reported[key] = now
        name = prefix + to_one_line(item.name) + (f" (attempt {attempts})" if attempts > 1 else "")
        detail = f"  {strip_name_prefix(item.detail, item.name)}" if item.detail else ""
        if item.status in _STARTED:
            # The report's start is the first attempt's.
            at = item.started_at if item.status is RunStepStatus.RUNNING and attempts == 1 else None
            return [self._format_line(moment, at or moment.at, _STATUS_WORDS[item.status], name + detail)], []
        begun = []
        if before[0] not in _STARTED and item.started_at is not None:
            # It began and ended between two moments: it is still told to have begun.
            begun.append(self._format_line(moment, item.started_at, "begins", name))
        took = format_duration(item.started_at, item.ended_at)
        ending = f"{name}{f' in {took}' if took else ''}{detail}"
        return begun, [self._format_line(moment, item.ended_at or moment.at, _STATUS_WORDS[item.status], ending)]

    def _format_line(self, moment: LiveViewFrame, at: datetime, word: str, text: str) -> str:
        return f"{format_clock(at)}  {format_since_incident(at, moment.incident_at):>9}  {word:<7}  {text}"
