"""Stores the results of a runbook's trials in a file as they end, so that a sweep can be resumed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import leeward
from leeward.rehearsal.sweep.faults.baseline import Baseline
from leeward.rehearsal.sweep.sweep_setup import SweepTarget
from leeward.rehearsal.sweep.trials.trial import TrialResult

_PACKAGE = Path(leeward.__file__).parent


class TrialResultsFile:
    """A file with one JSON object per line. The first line identifies the sweep, and each other line is a result."""

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
        """Return the results of an earlier sweep of the same runbook and code, by fault set ID."""
        if not self.path.exists():
            return {}
        lines = self.path.read_text(encoding="utf-8").splitlines()
        if not lines or json.loads(lines[0]) != self._header:
            return {}
        return {result.fault: result for result in _parse_results(lines[1:])}

    def start_file(self) -> None:
        """Replace the file with a new one that has no results."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self._header) + "\n", encoding="utf-8")

    def append_result(self, result: TrialResult) -> None:
        """Append a result to the file."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result.to_dict()) + "\n")


def _parse_results(lines: list[str]) -> Iterator[TrialResult]:
    for line in lines:
        try:
            yield TrialResult(**json.loads(line))
        except (ValueError, TypeError):  # the incomplete last line of an interrupted sweep
            return


def _code_digest(root: Path) -> str:
    """Return a digest of the code and the documents that a run's behavior depends on.

    Every package counts, because a run imports most of them, and a list of some would omit the next one. The linked
    folders are read one by one, because `rglob` doesn't follow links.
    """
    digest = hashlib.sha256()
    for folder in (*sorted(path for path in _PACKAGE.iterdir() if path.is_dir()), root / "workloads"):
        for path in sorted(folder.rglob("*.py")) + sorted(folder.rglob("*.yaml")):
            digest.update(path.relative_to(folder.parent).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
