"""Which failures of a sweep's trials count as known."""

from __future__ import annotations

import re

import pytest

from leeward.rehearsal.sweep.known_failures import KNOWN_FAILURES, KnownFailure, find_known_reason
from leeward.rehearsal.sweep.trials.trial import TrialResult

KNOWN = (
    KnownFailure("lambda-service .*", "truth: the journal does not contain", "issue K: a"),
    KnownFailure("lambda-service .*", "again: failed", "issue K: b"),
)


def result(label: str, *problems: str) -> TrialResult:
    trial_result = TrialResult("x", label)
    trial_result.problems = list(problems)
    return trial_result


@pytest.mark.parametrize(
    ("label", "problems", "reason"),
    [
        ("lambda-service denied", ["truth: the journal does not contain the end"], "issue K: a"),
        ("lambda-service denied", ["truth: the journal does not contain the end", "again: failed: x"],
         "issue K: a; issue K: b"),
        ("lambda-service denied", ["truth: the journal does not contain the end", "no-orphan: i-1"], ""),
        ("service denied", ["truth: the journal does not contain the end"], ""),
        ("lambda-service denied", [], ""),
    ],
)  # fmt: skip
def test_trial_is_known_only_if_each_problem_is(label: str, problems: list[str], reason: str) -> None:
    assert find_known_reason(result(label, *problems), KNOWN) == reason


def test_known_failures_name_their_issue_and_only_new_fault_classes() -> None:
    """Faults of single calls, states, and Regions have no known failures."""
    labels = (
        "call denied",
        "call throttled",
        "state stopped",
        "step dark us-west-2",
        "lambda twice",
        "lambda overruns",
    )
    for known in KNOWN_FAILURES:
        assert known.reason.startswith("issue ")
        assert not [label for label in labels if re.fullmatch(known.fault_class, label)]
