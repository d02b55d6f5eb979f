"""What a readiness check is: a function that looks at AWS and yields findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding
from leeward.readiness.model.readiness_input import ReadinessInput


@dataclass(frozen=True, slots=True)
class ReadinessCheck:
    """A check, and its area. If the check raises an error, the resulting `unknown` finding names the area."""

    area: str
    check: Callable[[ReadinessInput, CheckClients], Iterator[ReadinessFinding]]
