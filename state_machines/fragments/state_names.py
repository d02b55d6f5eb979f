"""Unique state names, derived from the application's step names, and step IDs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# A state name has at most 80 characters and is unique in the whole machine (Step Functions).
MAX_STATE_NAME_LENGTH = 80


class StateNames:
    """Reserves unique names. A second `Recover database` becomes `Recover database (2)`."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def reserve(self, base: str, suffix: str = "") -> str:
        """Return an unused name made of `base` and `suffix`. `base` is shortened when the name is too long."""
        number = 1
        while True:
            tail = suffix if number == 1 else f"{suffix} ({number})"
            available = MAX_STATE_NAME_LENGTH - len(tail)
            name = (base if len(base) <= available else base[: available - 1].rstrip() + "…") + tail
            if name not in self._taken:
                self._taken.add(name)
                return name
            number += 1


def make_step_id(name: str) -> str:
    """Return the step's ID in the state's data and the journal: `Take the lock` -> `take_the_lock`.

    Accents are dropped. Returns an empty string when `name` has no letter or digit of the Latin alphabet.
    """
    plain = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    return f"step_{words}" if words[:1].isdigit() else words


def make_step_ids(names: Iterable[str]) -> list[str]:
    """Return the IDs of the steps, in order. A name without Latin letters gets an ID from its number, such as
    `step_3`.
    """
    return [make_step_id(name) or f"step_{number}" for number, name in enumerate(names, start=1)]
