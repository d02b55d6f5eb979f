"""What the simulated services need: the time, a way to act later, and a source of random numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Protocol


class CallLater(Protocol):
    """Runs `fn` once, `seconds` from now; `name` says who acts, for the record."""

    def __call__(self, seconds: float, fn: Callable[[], None], name: str, /) -> object: ...


@dataclass(frozen=True, slots=True)
class BackendHooks:
    """Handed to a service when a world is built; nothing in `twin.aws` reads a real clock.

    `now` answers an aware datetime. `random` is drawn from in the order of events, so that one seed gives one history.
    """

    now: Callable[[], datetime]
    call_later: CallLater
    random: Random

    def add_jitter(self, seconds: float, share: float) -> int:
        """`seconds` moved at random by up to `share` of it either way, in whole seconds, at least 1.

        Whole seconds, because moto computes with `int(t1 - t0)`.
        """
        return max(1, round(seconds * self.random.uniform(1 - share, 1 + share)))
