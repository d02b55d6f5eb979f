"""Finds equivalent trials, so that faults with the same effect are simulated only once.

Different faults can lead to the same state. The SDK retries a call after the same wait, whether it was throttled, got a
5xx response, or was refused. A process that is killed after a call has done the same as one that is killed before the
next call. Two faults can remove the same field from a response.

The twin is deterministic, so two trials with the same state at the same instant stay identical. Such an instant has a
key that contains everything in which trials of the same run can differ. The first trial that reaches a key continues,
and the others use its result.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


def equivalence_file_name(key: str) -> str:
    """Return the name of the file that contains which trial reached `key` first."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class EquivalentTrials:
    """Records which trial reached each key first, in a `folder` that all processes of a sweep share."""

    folder: Path

    def record_earlier(self, earlier: Iterable[tuple[str, str]]) -> None:
        """Record the first trials of an earlier sweep, as pairs of a fault set ID and `equivalence_file_name`."""
        for name, file_name in earlier:
            (self.folder / file_name).write_text(name, encoding="utf-8")

    def claim_first(self, key: str, name: str) -> str:
        """Return the name of the trial that reached `key` first, which is `name` if no other trial has."""
        claim = self.folder / equivalence_file_name(key)
        own_file = self.folder / f"{os.getpid()}.mine"
        own_file.write_text(name, encoding="utf-8")
        # Creating a link is atomic, and the file that it names is already complete.
        with suppress(FileExistsError):
            os.link(own_file, claim)
        own_file.unlink()
        return claim.read_text(encoding="utf-8")

    def mark_without_effect(self, number: int, reason: str) -> None:
        """Record why the faults of the fault set with this number have changed nothing."""
        (self.folder / f"{number}.as-it-was").write_text(reason, encoding="utf-8")

    def take_without_effect(self) -> Iterator[tuple[int, str]]:
        """Yield the numbers of the fault sets without effect and the reasons, and forget them."""
        for marker in self.folder.glob("*.as-it-was"):
            reason = marker.read_text(encoding="utf-8")
            marker.unlink()
            yield int(marker.stem), reason
