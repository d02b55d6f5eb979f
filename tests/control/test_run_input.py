"""What a person may give to start a run."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.common.errors import InvalidInput
from leeward.control.run.run_reference import ExecutionContext, RunbookSummary, RunInput, begin_run, parse_input

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
RUNBOOK = RunbookSummary(
    application="website",
    runbook="failover",
    origin="us-east-1",
    target="us-west-2",
    rto_seconds=1800,
    rpo_seconds=300,
    steps=[],
)


def test_empty_input_is_valid() -> None:
    assert parse_input({}, NOW) == RunInput()


def test_full_input_is_kept_in_run_reference() -> None:
    given = {
        "reason": "storm",
        "approve": True,
        "incident_at": "2026-03-01T09:50:00+01:00",
        "accept_data_loss": True,
        "point_in_time": "2026-03-01T08:00:00Z",
        "take_over": "website.failover.x",
    }
    execution = ExecutionContext(
        id="arn:aws:states:us-west-2:111122223333:execution:m:n", name="n", started_at=NOW, input=given
    )
    run = begin_run(execution, RUNBOOK, NOW)
    assert (run.id, run.approved, run.reason, run.take_over) == (
        "website.failover.n",
        True,
        "storm",
        "website.failover.x",
    )
    assert run.incident_at == datetime(2026, 3, 1, 8, 50, tzinfo=UTC)


def test_run_ids_differ_between_runbooks() -> None:
    execution = ExecutionContext(id="arn", name="2026-03", started_at=NOW, input={})
    drill = RUNBOOK.model_copy(update={"runbook": "drill"})
    assert begin_run(execution, RUNBOOK, NOW).id != begin_run(execution, drill, NOW).id


@pytest.mark.parametrize(
    ("given", "output"),
    [
        ({"aprove": True}, "unknown key 'aprove'; did you mean 'approve'?"),
        ({"zzz": 1}, r"unknown key 'zzz' \(known: reason, approve"),
        ({"approve": "yes"}, "approve: Input should be a valid boolean"),
        ({"approve": 1}, "approve:"),
        ({"incident_at": "2026-03-01T09:00:00"}, "incident_at: the time needs a zone"),
        ({"incident_at": 1772355600}, "incident_at: write a time with its zone"),
        ({"incident_at": "yesterday"}, "incident_at:"),
        ({"incident_at": "2026-03-01T10:00:00Z"}, "incident_at .* is in the future"),
        ({"point_in_time": "2027-03-01T10:00:00Z"}, "point_in_time .* is in the future"),
        ({"reason": 7}, "reason:"),
        ([], "the run's input is list; expected an object"),
        (None, "the run's input is NoneType"),
    ],
)
def test_invalid_input_names_problem(given: Any, output: str) -> None:
    with pytest.raises(InvalidInput, match=output):
        parse_input(given, NOW)


def test_all_input_problems_are_reported_together() -> None:
    with pytest.raises(InvalidInput, match=r"unknown key 'x'.*; .*unknown key 'y'|approve.*;.*x.*;.*y"):
        parse_input({"x": 1, "y": 2, "approve": "no"}, NOW)


def test_incident_time_slightly_in_future_is_accepted() -> None:
    ahead = (NOW + timedelta(seconds=30)).isoformat()
    assert parse_input({"incident_at": ahead}, NOW).incident_at is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(JSON | st.dictionaries(st.sampled_from([*RunInput.model_fields, "x"]), JSON))
def test_any_json_is_parsed_or_rejected(raw: Any) -> None:
    with suppress(InvalidInput):
        assert isinstance(parse_input(raw, NOW), RunInput)
