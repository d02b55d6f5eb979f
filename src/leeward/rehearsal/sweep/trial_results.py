"""What the trials of one runbook came to, on disk as they end, so that a sweep can be gone on with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import leeward
from leeward.rehearsal.sweep.faults.baseline import Baseline
from leeward.rehearsal.sweep.sweep_setup import SweepTarget
from leeward.rehearsal.sweep.trials.trial import TrialResult

# What decides how a run goes: of these another version makes the verdicts of before worthless.
_CODE_FOLDERS = ("common", "control", "data", "drs", "lambdas", "rehearsal", "traffic", "twin")
_PACKAGE = Path(leeward.__file__).parent


class TrialResultsFile:
    """One JSON object a line: the first says what was swept, each other is a verdict."""

    def __init__(self, target: SweepTarget, baseline: Baseline) -> None:
        self.path = target.root / "build" / "sweep" / f"{target.application}-{target.runbook}-{target.seed}.jsonl"
        self._header = {
            "application": target.application,
            "runbook": target.runbook,
            "seed": target.seed,
            "clean": baseline.fingerprint,
            "code": _code_digest(target.root),
        }

    def load_results(self) -> dict[str, TrialResult]:
        """The verdicts of an earlier sweep of the same runbook by the same code, by fault."""
        if not self.path.exists():
            return {}
        lines = self.path.read_text(encoding="utf-8").splitlines()
        if not lines or json.loads(lines[0]) != self._header:
            return {}
        return {verdict.fault: verdict for verdict in _parse_results(lines[1:])}

    def start_file(self) -> None:
        """A new record, in place of what was there."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self._header) + "\n", encoding="utf-8")

    def append_result(self, result: TrialResult) -> None:
        """One more."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result.to_dict()) + "\n")


def _parse_results(lines: list[str]) -> Iterator[TrialResult]:
    for line in lines:
        try:
            yield TrialResult(**json.loads(line))
        except (ValueError, TypeError):  # the last line of a sweep that was cut short
            return


def _code_digest(root: Path) -> str:
    told = hashlib.sha256()
    for folder in (*(_PACKAGE / name for name in _CODE_FOLDERS), root / "workloads"):
        for path in sorted(folder.rglob("*.py")) + sorted(folder.rglob("*.yaml")):
            told.update(path.relative_to(folder.parent).as_posix().encode())
            told.update(path.read_bytes())
    return told.hexdigest()[:16]
