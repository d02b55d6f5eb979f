"""Combines the parts of one poll, such as a step's server groups or target groups.

A part that fails doesn't end the poll, because the other parts would stay as they are. The step fails when every other
part has ended. A part that meets a transient error is looked at again by the next poll.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from leeward.common.claims.types.claim import Claim
from leeward.common.errors import LeewardError, Permanent, Transient
from leeward.common.polling import PartProgress, PartState, PollResult
from leeward.common.task_calls.call_time import is_slice_used

__all__ = ["PolledParts"]


@dataclass(slots=True)
class PolledParts:
    """The results of the parts that were polled, in order."""

    results: dict[str, PollResult] = field(default_factory=dict)
    failures: dict[str, Permanent] = field(default_factory=dict)
    missed: dict[str, Transient] = field(default_factory=dict)

    def poll(self, part: str, work: Callable[[], PollResult]) -> PollResult | None:
        """Poll one part. Return its result, or None if it failed. Raises halting and unexpected errors."""
        if self.missed and is_slice_used():
            self.missed[part] = next(iter(self.missed.values()))  # the service that doesn't respond took all the time
            return None
        try:
            self.results[part] = work()
        except Permanent as error:
            self.failures[part] = error
        except Transient as error:
            self.missed[part] = error
        return self.results.get(part)

    @property
    def is_done(self) -> bool:
        """Return whether every part is done."""
        return not self.failures and not self._are_waiting

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Return what the parts did or found, in order."""
        return tuple(claim for result in self.results.values() for claim in result.claims)

    def combine(self, *, is_last: bool = False) -> PollResult:
        """Return the result of all parts. `is_last` means that the step times out after this poll.

        Raises a part's error once no other part is waiting, or in the last poll. If several failed, it is of the class
        of the first one. Raises the transient error of a single part, or of the first part if none was polled.
        """
        if self.failures and (is_last or not self._are_waiting):
            raise self._failure()
        if self.missed and not self.results and not self.failures:
            raise next(iter(self.missed.values()))
        details = [
            *(result.detail for result in self.results.values()),
            *(f"{part}: {type(error).__name__}: {error}; will be tried again" for part, error in self.missed.items()),
            *(f"{part}: {error}" for part, error in self.failures.items()),
        ]
        if not self.is_done:
            return PollResult(False, "; ".join(details), self.claims, parts=self.progress)
        return replace(PollResult.reached(*self.claims), parts=self.progress)

    @property
    def progress(self) -> tuple[PartProgress, ...]:
        """Return the state of each part."""
        return (
            *(
                PartProgress(name=part, state=PartState.DONE if r.done else PartState.WAITING, detail=r.detail)
                for part, r in self.results.items()
            ),
            *(PartProgress(name=part, state=PartState.WAITING, detail=str(e)) for part, e in self.missed.items()),
            *(PartProgress(name=part, state=PartState.FAILED, detail=str(e)) for part, e in self.failures.items()),
        )

    @property
    def _are_waiting(self) -> bool:
        return bool(self.missed) or any(not result.done for result in self.results.values())

    def _failure(self) -> LeewardError:
        first, *others = self.failures.values()
        text = "; ".join(str(error) for error in (first, *others))
        claims = (*self.claims, *_claims_of(self.failures.values()))
        return type(first)(text, claims=claims, parts=self.progress)


def _claims_of(errors: Iterable[LeewardError]) -> Iterable[Claim]:
    for error in errors:
        yield from error.claims
