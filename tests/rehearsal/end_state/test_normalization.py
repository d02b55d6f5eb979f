"""What two runs can't have in common is replaced, and nothing else."""

from __future__ import annotations

import pytest

from leeward.rehearsal.end_state.comparison import find_differences
from leeward.rehearsal.end_state.ignored_state import IGNORED_STATE
from leeward.rehearsal.end_state.normalization import Normalization, find_ids
from leeward.twin.state_dump.state_document import PlainValue, ResourceKey, StateDocument

OLD, NEW, NEWER = "i-0123456789abcdef0", "i-fedcba98765432100", "i-aaaaaaaaaaaaaaaa0"
RUNS = ("website.failover.trial",)


def document(*resources: tuple[str, str, str, dict[str, PlainValue]]) -> StateDocument:
    return {ResourceKey(service, "us-east-1", kind, name): fields for service, kind, name, fields in resources}


def differences(first: StateDocument, second: StateDocument, runs: tuple[str, ...] = RUNS) -> list[str]:
    normalization, known = Normalization({OLD}, RUNS), Normalization({OLD}, runs)
    return [str(each) for each in find_differences(normalization.normalize(first), known.normalize(second))]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2026-03-01T09:00:00.123456+00:00", "2026-03-01T09:10:00Z"),
        ("since 2026-03-01 09:00:00 UTC", "since 2026-03-01 10:11:12 UTC"),
        (1772355600, 1772359999),
        ("arn:aws:x:website-failover:trial", "arn:aws:x:website-failover:again"),
        (f"instance/{NEW}", f"instance/{NEWER}"),
        ("10.0.0.17", "10.0.200.3"),
    ],
)
def test_times_runs_and_new_ids_are_no_difference(first: PlainValue, second: PlainValue) -> None:
    first_document = document(("sns", "topics", "t", {"value": first, "kept": 1}))
    second_document = document(("sns", "topics", "t", {"value": second, "kept": 1}))
    assert differences(first_document, second_document, ("website.failover.again",)) == []
    absent = document(("sns", "topics", "t", {"kept": 1}))
    assert differences(first_document, absent), "whether there is a value is compared"


@pytest.mark.parametrize(
    ("first", "second"),
    [(60, 86400), ("30", "86400"), (True, False), (OLD, NEW), ("10.0.0.0/16", "10.9.0.0/16"), ("web-1", "web-2")],
)
def test_other_values_are_a_difference(first: PlainValue, second: PlainValue) -> None:
    documents = [document(("sns", "topics", "t", {"value": value})) for value in (first, second)]
    assert len(differences(*documents)) == 1


def test_new_resource_is_named_by_its_tag() -> None:
    def instance(instance_id: str, name: str) -> StateDocument:
        return document(
            ("ec2", "instances", f"r-0123456789abcdef0/{instance_id}", {"type": "t3.small"}),
            ("ec2", "tags", instance_id, {"Name": name}),
            ("elbv2", "target_groups", "group", {"targets": {instance_id: "80"}}),
        )

    assert differences(instance(NEW, "home-page"), instance(NEWER, "home-page")) == []
    found = differences(instance(NEW, "home-page"), instance(NEWER, "catalogue-page"))
    assert any("targets/<new instance catalogue-page>: was not there" in each for each in found)


def test_equal_resources_are_counted() -> None:
    one = document(("ec2", "volumes", "vol-0123456789abcdef0", {"size": 8}))
    two = {**one, **document(("ec2", "volumes", "vol-0123456789abcdef1", {"size": 8}))}
    assert differences(one, two) == ['us-east-1 ec2 volumes <new vol>: was not there, is {"size": 8}']


def test_row_of_own_run_is_ignored_and_row_of_other_run_compared() -> None:
    row = {"attrs": {"event": {"S": "x"}}}
    own = document(("dynamodb", "rows", "leeward-website/RUN#website.failover.trial/E#00000001", dict(row)))
    other = document(("dynamodb", "rows", "leeward-website/RUN#website.failover.other/E#00000001", dict(row)))
    assert differences({}, own) == []
    assert len(differences({}, other)) == 1


def test_long_values_with_equal_beginnings_are_a_difference() -> None:
    documents = [document(("ssm", "parameters", "p", {"value": "x" * 500 + end})) for end in "ab"]
    assert len(differences(*documents)) == 1


def test_ids_are_found_in_keys_and_values() -> None:
    found = find_ids(document(("ec2", "instances", OLD, {"volume": "vol-0123456789abcdef0"})))
    assert found == {OLD, "vol-0123456789abcdef0"}


def test_every_ignored_state_has_a_reason() -> None:
    assert len(IGNORED_STATE) > 10
    assert all(len(each.reason) > 10 for each in IGNORED_STATE)
