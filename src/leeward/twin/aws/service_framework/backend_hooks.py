"""Clock, scheduler, and random number generator that the simulated services use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Protocol


class CallLater(Protocol):
    """Runs `fn` once, `seconds` from now. `name` identifies the action in records."""

    def __call__(self, seconds: float, fn: Callable[[], None], name: str, /) -> object: ...


@dataclass(frozen=True, slots=True)
class BackendHooks:
    """Virtual clock, scheduler, and random numbers. Nothing in `twin.aws` reads a real clock.

    `now` returns an aware datetime. Events draw from `random` in a fixed order, so the same seed gives the same
    history.
    """

    now: Callable[[], datetime]
    call_later: CallLater
    random: Random

    def add_jitter(self, seconds: float, share: float) -> int:
        """Return `seconds` plus or minus a random part of up to `share`, in whole seconds, at least 1.

        The result is in whole seconds because moto computes with `int(t1 - t0)`.
        """
        return max(1, round(seconds * self.random.uniform(1 - share, 1 + share)))
