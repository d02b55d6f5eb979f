"""What the trials of one runbook came to, on disk as they end, so that a sweep can be gone on with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import leeward
from leeward.twin.sweep.stages import Course
from leeward.twin.sweep.survey import Survey
from leeward.twin.sweep.trial import Verdict

# What decides how a run goes: of these another version makes the verdicts of before worthless.
_CODE = ("common", "control", "data", "drs", "lambdas", "traffic", "twin")
_PACKAGE = Path(leeward.__file__).parent


class Record:
    """One JSON object a line: the first says what was swept, each other is a verdict."""

    def __init__(self, course: Course, survey: Survey) -> None:
        self.path = course.root / "build" / "sweep" / f"{course.application}-{course.runbook}-{course.seed}.jsonl"
        self._header = {
            "application": course.application,
            "runbook": course.runbook,
            "seed": course.seed,
            "clean": survey.fingerprint,
            "code": _code(course.root),
        }

    def known(self) -> dict[str, Verdict]:
        """The verdicts of an earlier sweep of the same runbook by the same code, by fault."""
        if not self.path.exists():
            return {}
        lines = self.path.read_text(encoding="utf-8").splitlines()
        if not lines or json.loads(lines[0]) != self._header:
            return {}
        return {verdict.fault: verdict for verdict in _verdicts(lines[1:])}

    def begin(self) -> None:
        """A new record, in place of what was there."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self._header) + "\n", encoding="utf-8")

    def add(self, verdict: Verdict) -> None:
        """One more."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(verdict.plain()) + "\n")


def _verdicts(lines: list[str]) -> Iterator[Verdict]:
    for line in lines:
        try:
            yield Verdict(**json.loads(line))
        except (ValueError, TypeError):  # the last line of a sweep that was cut short
            return


def _code(root: Path) -> str:
    told = hashlib.sha256()
    for folder in (*(_PACKAGE / name for name in _CODE), root / "workloads"):
        for path in sorted(folder.rglob("*.py")) + sorted(folder.rglob("*.yaml")):
            told.update(path.relative_to(folder.parent).as_posix().encode())
            told.update(path.read_bytes())
    return told.hexdigest()[:16]
