"""Names of states, in the application's own words; ids of steps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Step Functions: a state's name has at most 80 characters and is unique in the whole machine.
MAX_STATE_NAME_LENGTH = 80


class StateNames:
    """Hands out names. Nothing is handed out twice: a second `Recover database` becomes `Recover database (2)`."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def reserve(self, base: str, suffix: str = "") -> str:
        """`base` with `suffix`; `base` is cut where both together would be too long."""
        number = 1
        while True:
            tail = suffix if number == 1 else f"{suffix} ({number})"
            room = MAX_STATE_NAME_LENGTH - len(tail)
            name = (base if len(base) <= room else base[: room - 1].rstrip() + "…") + tail
            if name not in self._taken:
                self._taken.add(name)
                return name
            number += 1


def make_step_id(name: str) -> str:
    """`Take the lock` -> `take_the_lock`: what a step is called in the state's data and in the journal.

    Accents are dropped. Empty when `name` holds no letter or digit of the Latin alphabet.
    """
    plain = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    return f"step_{words}" if words[:1].isdigit() else words


def make_step_ids(names: Iterable[str]) -> list[str]:
    """The ids of steps so named, in order; a name without Latin letters gets its number, `step_3`."""
    return [make_step_id(name) or f"step_{number}" for number, name in enumerate(names, start=1)]
