"""The execution environments of Lambda functions: an invocation without an idle environment has a cold start.

Source: AWS Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle". An environment handles
one invocation at a time. After an invocation, it stays idle for a while and is then removed. Lambda doesn't document
for how long. The initialization happens before the function's timeout begins.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from leeward.twin.realism.realism_settings import SeededDraws

# Assumed: users observe 5 to 45 minutes. The shortest causes the most cold starts.
IDLE_TIME = timedelta(minutes=5)
# The standard deviation of the logarithm of a cold start's duration. Assumed.
_SPREAD = 0.25


class ExecutionEnvironments:
    """The idle environments of all functions. A function is identified by its Region and name."""

    def __init__(self, draws: SeededDraws) -> None:
        self._draws = draws
        self._idle_since: dict[tuple[str, str], list[datetime]] = defaultdict(list)

    def take(self, region: str, name: str, median_seconds: float, now: datetime) -> float:
        """Take an idle environment, or start one. Return the seconds of the cold start, which is 0 if none is needed.

        `median_seconds` is the median duration of the function's cold starts.
        """
        idle = self._idle_since[region, name]
        idle[:] = [since for since in idle if now - since <= IDLE_TIME]
        if idle:
            idle.pop()  # the one that was used last
            return 0.0
        return self._draws.long_tailed(f"{region}|{name}", median_seconds, _SPREAD)

    def release(self, region: str, name: str, now: datetime) -> None:
        """Make an environment idle after its invocation.

        Don't call it for an invocation that ended the process (`Sandbox.*` and `Runtime.*` errors). Lambda then starts
        a new environment.
        """
        self._idle_since[region, name].append(now)

    def discard(self, region: str, name: str) -> None:
        """Remove the environment that became idle last, because its process has ended after all."""
        if self._idle_since[region, name]:
            self._idle_since[region, name].pop()
