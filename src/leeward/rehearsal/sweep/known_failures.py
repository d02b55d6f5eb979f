"""The failures of trials that are known, and the issue that will fix each. The report shows them as known.

A trial fails in a known way only if each of its problems is listed for its fault class. All other failures fail the
sweep. Remove an entry when its issue is done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from leeward.rehearsal.sweep.trials.trial import TrialResult


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """A known failure: patterns for the fault's class and for one problem, and the reason."""

    fault_class: str
    problem: str
    reason: str

    def explains(self, label: str, problem: str) -> bool:
        """Return whether this is the reason for a problem of a trial with the class `label`."""
        return bool(re.fullmatch(self.fault_class, label) and re.match(self.problem, problem))


KNOWN_FAILURES: tuple[KnownFailure, ...] = ()


def find_known_reason(result: TrialResult, known_failures: tuple[KnownFailure, ...] = KNOWN_FAILURES) -> str:
    """Return why the trial is known to fail, or an empty string if it passed or any of its problems isn't known."""
    reasons: dict[str, None] = {}
    for problem in result.problems:
        known = next((each for each in known_failures if each.explains(result.label, problem)), None)
        if known is None:
            return ""
        reasons[known.reason] = None
    return "; ".join(reasons)
