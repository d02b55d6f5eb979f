"""Whatever a run is started with, it is understood or refused by name."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from leeward.common.errors import InvalidInput
from leeward.common.text_limits import MAX_TEXT_BYTES, truncate_text
from leeward.control.run.run_reference import ExecutionContext, RunbookSummary, RunInput, RunRef, begin_run

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
RUNBOOK = RunbookSummary(
    application="website",
    runbook="failover",
    origin="us-east-1",
    target="us-west-2",
    rto_seconds=1,
    rpo_seconds=1,
    steps=[],
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
JSON: Any = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
KEYS = st.sampled_from([*RunInput.model_fields, "reson", ""])
INPUTS = JSON | st.dictionaries(
    KEYS, JSON | st.sampled_from(["2026-03-01T09:00:00Z", "us-east-1", "x" * 2000]), max_size=4
)


@settings(max_examples=300, deadline=None)
@given(INPUTS)
def test_run_input_is_parsed_or_rejected_by_name(raw: Any) -> None:
    execution = ExecutionContext(id="arn:run", name="run-1", started_at=NOW, input=raw)
    try:
        run = begin_run(execution, RUNBOOK, NOW)
    except InvalidInput:
        return
    assert RunRef.model_validate(run.model_dump(mode="json")) == run
    assert len(json.dumps(run.model_dump(mode="json"))) < 24_000, "every state carries it"
    assert run.waive_lock in (None, "us-east-1")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=4000), st.integers(min_value=60, max_value=MAX_TEXT_BYTES))
def test_shortened_text_fits_limit_and_keeps_prefix(text: str, most: int) -> None:
    cut = truncate_text(text, most)
    assert len(json.dumps(cut)) - 2 <= most
    assert cut == text or cut.endswith("(the journal has all)")
    assert text.startswith(cut.removesuffix("... (the journal has all)"))
