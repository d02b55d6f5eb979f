"""The checker that every answer of our own services goes through."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.model import Shape
from moto.core.utils import get_service_model

from leeward.twin.aws.service_framework.shape_validation import find_violations


def shape(name: str) -> Shape:
    found: Shape = get_service_model("drs").shape_for(name)
    return found


JOB: dict[str, Any] = {
    "jobID": "drsjob-0123456789abcdef0",
    "type": "LAUNCH",
    "creationDateTime": "2026-03-01T09:00:00.000Z",
    "participatingServers": [{"sourceServerID": "s-0123456789abcdef0", "launchStatus": "PENDING"}],
    "tags": {"a": "b"},
}


def test_valid_response_has_no_violations() -> None:
    assert find_violations(shape("Job"), JOB) == []


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"jobId": "x"}, "Job.jobId: the model has no such member"),
        ({"type": "RELAUNCH"}, "'RELAUNCH' is not one of LAUNCH"),
        ({"creationDateTime": "yesterday"}, "Job.creationDateTime"),
        ({"creationDateTime": 5}, "expected a string"),
        ({"tags": ["a"]}, "Job.tags: expected a map"),
        ({"tags": {"a": 1}}, "Job.tags.a: expected a string"),
        ({"participatingServers": {"a": 1}}, "expected a list"),
        ({"participatingServers": [{"launchStatus": "GONE"}]}, "Job.participatingServers[0].launchStatus"),
        ({"participatingServers": ["s-1"]}, "Job.participatingServers[0]: expected a structure"),
        ({"jobID": "drsjob-1"}, "is below the minimum, 24"),
    ],
)
def test_invalid_member_is_named(wrong: dict[str, object], place: str) -> None:
    assert any(place in text for text in find_violations(shape("Job"), {**JOB, **wrong}))


def test_a_missing_required_member_is_named() -> None:
    assert find_violations(shape("RecoverySnapshot"), {"snapshotID": "pit-0123456789abcdef0"}) == [
        "RecoverySnapshot.sourceServerID: required, but missing",
        "RecoverySnapshot.expectedTimestamp: required, but missing",
    ]


def test_booleans_and_numbers_are_distinct() -> None:
    assert find_violations(shape("PITPolicyRule"), {"units": "HOUR", "interval": True, "retentionDuration": 24})
    assert find_violations(shape("Licensing"), {"osByol": 1})


def test_operation_without_output_must_answer_nothing() -> None:
    assert find_violations(None, {}) == []
    assert find_violations(None, {"items": []})
