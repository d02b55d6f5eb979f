"""The progress log: one line when a step or group starts or ends, for output that can't be redrawn."""

from __future__ import annotations

from datetime import datetime

from leeward.base import durations
from leeward.cli.rendering.bars import format_place, order_users
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
    """The log of a rehearsal or run. Keeps the last reported status of each step and group."""

    def __init__(self, glyphs: Glyphs) -> None:
        self._glyphs = glyphs
        self._reported: dict[str, tuple[RunStepStatus, int]] = {}
        self._users: dict[str, int] | None = None
        self._note = ""
        self._has_heading = False

    def describe_changes(self, frame: LiveViewFrame) -> list[str]:
        """Return a line for each change since the previous frame."""
        lines = [] if self._has_heading else [self._format_heading(frame)]
        self._has_heading = True
        if frame.note and frame.note != self._note:
            lines.append(self._format_line(frame, frame.at, "note", to_one_line(frame.note)))
        self._note = frame.note
        for i, step in enumerate(frame.steps):
            start_lines, end_lines = self._describe_item(frame, f"{i}", step, "")
            lines += start_lines
            for j, part in enumerate(step.parts):
                for part_lines in self._describe_item(frame, f"{i}.{j}", part, f"{to_one_line(step.name)}: "):
                    lines += part_lines
            lines += end_lines
        # A run on AWS has no simulated users.
        if frame.users and frame.users != self._users:
            self._users = dict(frame.users)
            lines.append(self._format_line(frame, frame.at, "users", self._format_users(frame)))
        return lines

    def _format_heading(self, frame: LiveViewFrame) -> str:
        glyphs = self._glyphs
        return (
            f"{to_one_line(frame.application)} {glyphs.dot} {to_one_line(frame.runbook)}   "
            f"{frame.origin} {glyphs.arrow} {frame.target}   {to_one_line(frame.where)}, RTO "
            f"{durations.format_duration(frame.rto_seconds)}, times in UTC"
        )

    def _format_users(self, frame: LiveViewFrame) -> str:
        users = order_users(frame.users, frame.origin, frame.target)
        return f" {self._glyphs.dot} ".join(f"{format_place(place)} {n}" for place, n in users)

    def _describe_item(
        self, frame: LiveViewFrame, key: str, item: StepReport | StepPartReport, prefix: str
    ) -> tuple[list[str], list[str]]:
        """Return the start lines and the end lines separately, because a step's groups go between them."""
        attempts = item.attempts if isinstance(item, StepReport) else 1
        now, before = (item.status, attempts), self._reported.get(key, (RunStepStatus.NOT_REACHED, 0))
        if now == before or item.status is RunStepStatus.NOT_REACHED:
            return [], []
        self._reported[key] = now
        name = prefix + to_one_line(item.name) + (f" (attempt {attempts})" if attempts > 1 else "")
        detail = f"  {strip_name_prefix(item.detail, item.name)}" if item.detail else ""
        if item.status in _STARTED:
            # started_at is the start of the first attempt.
            at = item.started_at if item.status is RunStepStatus.RUNNING and attempts == 1 else None
            return [self._format_line(frame, at or frame.at, _STATUS_WORDS[item.status], name + detail)], []
        start_lines = []
        if before[0] not in _STARTED and item.started_at is not None:
            # The item started and ended between two frames. Report the start, too.
            start_lines.append(self._format_line(frame, item.started_at, "begins", name))
        took = format_duration(item.started_at, item.ended_at)
        ending = f"{name}{f' in {took}' if took else ''}{detail}"
        return start_lines, [self._format_line(frame, item.ended_at or frame.at, _STATUS_WORDS[item.status], ending)]

    def _format_line(self, frame: LiveViewFrame, at: datetime, word: str, text: str) -> str:
        return f"{format_clock(at)}  {format_since_incident(at, frame.incident_at):>9}  {word:<7}  {text}"
