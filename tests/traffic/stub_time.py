"""A clock for the checks that make requests: time passes only by pauses and requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from leeward.common.web_requests import NoAnswer, WebAnswer


@dataclass
class StubTime:
    """Seconds since the start. `pauses` are the pauses so far."""

    now: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@dataclass
class StubWeb:
    """Answers each request after `seconds`, and notes it."""

    clock: StubTime
    answer: Callable[[str, str], WebAnswer | NoAnswer]
    seconds: float = 0.0
    asked: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)

    def __call__(self, method: str, address: str, **more: Any) -> WebAnswer:
        self.clock.now += self.seconds
        self.asked.append((method, address, more))
        answer = self.answer(method, address)
        if isinstance(answer, NoAnswer):
            raise answer
        return answer
