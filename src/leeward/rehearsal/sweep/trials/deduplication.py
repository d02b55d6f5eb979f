"""Where trials meet: what is broken in two ways and comes to the same is tried once.

A call that is throttled, answered with a 5xx or refused is tried again by the SDK, after the same wait; a process that
is killed after one call or before the next has done the same; one answer may be emptied in two ways. From the instant
in which two trials of one run are alike in all that they have, they stay alike, for the twin has no chance of its own.
Such an instant has a key, which tells everything in which trials of the same run can differ there; the first trial that
comes to it goes on, and stands for the others.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


def equivalence_file_name(key: str) -> str:
    """Where who comes to `key` is told."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class EquivalentTrials:
    """Kept in `folder`, which every process of a sweep shares."""

    folder: Path

    def record_earlier(self, earlier: Iterable[tuple[str, str]]) -> None:
        """Who came first in an earlier sweep: names, each with the place that `place_of` had for its key."""
        for name, place in earlier:
            (self.folder / place).write_text(name, encoding="utf-8")

    def claim_first(self, key: str, name: str) -> str:
        """The name of who came to `key` first: `name` itself, if nobody had."""
        place = self.folder / equivalence_file_name(key)
        mine = self.folder / f"{os.getpid()}.mine"
        mine.write_text(name, encoding="utf-8")
        # A link is made at once or not at all, with what it names already written.
        with suppress(FileExistsError):
            os.link(mine, place)
        mine.unlink()
        return place.read_text(encoding="utf-8")

    def mark_without_effect(self, number: int) -> None:
        """What strikes the case of that number has changed nothing."""
        (self.folder / f"{number}.as-it-was").touch()

    def take_without_effect(self) -> Iterator[int]:
        """The cases of which that was said, which are told of once."""
        for place in self.folder.glob("*.as-it-was"):
            place.unlink()
            yield int(place.stem)
