"""The same rehearsal, told line by line where nothing can be redrawn: one line as a step or a group begins and ends."""

from __future__ import annotations

from datetime import datetime

from leeward.cli.screens.bars import ordered_users
from leeward.cli.screens.glyphs import Glyphs
from leeward.cli.screens.words import clock, one_line, said, since_incident, span
from leeward.common import durations
from leeward.twin.report import Moment, PartReport, StepReport, StepStatus

_WORDS = {
    StepStatus.RUNNING: "begins",
    StepStatus.ASKING: "asks",
    StepStatus.DONE: "done",
    StepStatus.FAILED: "FAILED",
    StepStatus.SKIPPED: "skipped",
}
_BEGUN = (StepStatus.RUNNING, StepStatus.ASKING)


class Teller:
    """Remembers the last moment and tells what changed since."""

    def __init__(self, signs: Glyphs) -> None:
        self._signs = signs
        self._told: dict[str, tuple[StepStatus, int]] = {}
        self._users: dict[str, int] | None = None
        self._note = ""
        self._headed = False

    def tell(self, moment: Moment) -> list[str]:
        """The lines for what changed with `moment`; none when nothing did."""
        lines = [] if self._headed else [self._heading(moment)]
        self._headed = True
        if moment.note and moment.note != self._note:
            lines.append(self._line(moment, moment.at, "note", one_line(moment.note)))
        self._note = moment.note
        for i, step in enumerate(moment.steps):
            begun, ended = self._item(moment, f"{i}", step, "")
            lines += begun
            for j, part in enumerate(step.parts):
                for told in self._item(moment, f"{i}.{j}", part, f"{one_line(step.name)}: "):
                    lines += told
            lines += ended
        # Of a run on AWS nobody counts the users.
        if moment.users and moment.users != self._users:
            self._users = dict(moment.users)
            lines.append(self._line(moment, moment.at, "users", self._where(moment)))
        return lines

    def _heading(self, moment: Moment) -> str:
        s = self._signs
        return (
            f"{one_line(moment.application)} {s.dot} {one_line(moment.runbook)}   {moment.origin} {s.arrow} "
            f"{moment.target}   {one_line(moment.where)}, RTO {durations.show(moment.rto_seconds)}, times in UTC"
        )

    def _where(self, moment: Moment) -> str:
        users = ordered_users(moment.users, moment.origin, moment.target)
        return f" {self._signs.dot} ".join(f"{place} {n}" for place, n in users)

    def _item(
        self, moment: Moment, key: str, item: StepReport | PartReport, prefix: str
    ) -> tuple[list[str], list[str]]:
        """The lines of its beginning and of its end, apart: a step's groups are told between them."""
        attempts = item.attempts if isinstance(item, StepReport) else 1
        now, before = (item.status, attempts), self._told.get(key, (StepStatus.NOT_REACHED, 0))
        if now == before or item.status is StepStatus.NOT_REACHED:
            return [], []
        self._told[key] = now
        name = prefix + one_line(item.name) + (f" (attempt {attempts})" if attempts > 1 else "")
        detail = f"  {said(item.detail, item.name)}" if item.detail else ""
        if item.status in _BEGUN:
            # The report's start is the first attempt's.
            at = item.started_at if item.status is StepStatus.RUNNING and attempts == 1 else None
            return [self._line(moment, at or moment.at, _WORDS[item.status], name + detail)], []
        begun = []
        if before[0] not in _BEGUN and item.started_at is not None:
            # It began and ended between two moments: it is still told to have begun.
            begun.append(self._line(moment, item.started_at, "begins", name))
        took = span(item.started_at, item.ended_at)
        ending = f"{name}{f' in {took}' if took else ''}{detail}"
        return begun, [self._line(moment, item.ended_at or moment.at, _WORDS[item.status], ending)]

    def _line(self, moment: Moment, at: datetime, word: str, text: str) -> str:
        return f"{clock(at)}  {since_incident(at, moment.incident_at):>9}  {word:<7}  {text}"
