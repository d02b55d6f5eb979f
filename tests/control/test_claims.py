"""What steps report: a closed set of types, which survive the journal, and which 0.1's facts are read as."""

from __future__ import annotations

import ast
import re
from typing import get_args

import pytest
from pydantic import ValidationError

from leeward.common.claims.all_claims import AnyClaim, claims_to_facts, find_claims, read_claims
from leeward.common.claims.types.claim import Claim
from leeward.common.claims.types.run_claims import Changed, Ready
from leeward.common.claims.types.server_claims import Launched, LaunchedServer
from leeward.common.claims.types.traffic_claims import ControlsSwitched, UsersMoved, WeightsSet
from leeward.common.polling import PollResult
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

TYPES: tuple[type[Claim], ...] = get_args(get_args(AnyClaim)[0])
CHANGED = Changed(resource="orders", region="us-west-2", state="takes writes")


def test_closed_set_has_every_type_once() -> None:
    assert set(TYPES) == set(Claim.__subclasses__())
    tags = [claim.model_fields["claim"].default for claim in nonempty(TYPES)]
    assert len(set(tags)) == len(tags)
    assert set(UsersMoved.__subclasses__()) <= set(TYPES)


def test_claims_survive_the_journal_and_later_versions_are_left_out() -> None:
    facts = claims_to_facts([CHANGED])
    assert list(read_claims(facts)) == [CHANGED]
    (stored,) = facts["claims"]  # type: ignore[misc]
    later = {"claims": [stored | {"fact": "of a later version"}, {"claim": "of a later version"}, "nonsense"]}
    assert list(read_claims(later)) == [CHANGED]


def test_type_outside_the_closed_set_is_refused() -> None:
    class Invented(Changed):
        pass

    with pytest.raises(TypeError, match="Invented is not a type of claim"):
        claims_to_facts([Invented(resource="a", region="b", state="c")])


def test_claim_with_unknown_fact_is_refused() -> None:
    with pytest.raises(ValidationError):
        Changed.model_validate(CHANGED.model_dump() | {"more": 1})


def test_result_is_worded_by_its_claims() -> None:
    assert PollResult.reached(CHANGED) == PollResult(True, "orders in us-west-2 takes writes", (CHANGED,))


def test_step_that_is_done_claims_something() -> None:
    with pytest.raises(ValueError, match="a step is done without a claim, only with 'it is done'"):
        PollResult(True, "it is done")
    assert PollResult(False, "it is being done").claims == ()


def test_facts_of_0_1_are_read_as_claims() -> None:
    launched = {
        "servers": [{"id": "s-1", "name": None, "instance": "i-1", "reason": "", "unknown": 1}, {"name": "x"}, 5]
    }
    (launch,) = find_claims(launched, Launched)
    assert launch.servers == (LaunchedServer(id="s-1", instance="i-1"),)
    (ready,) = find_claims({"worst_loss_seconds": 8, "loss_seconds": {"web": 8, "db": None, "x": "?"}}, Ready)
    assert (ready.worst_loss_seconds, ready.loss_seconds) == (8, {"web": 8, "db": None})
    (moved,) = find_claims({"traffic": ["b", "a"], "off": ["c"], "overridden": ["r"]}, ControlsSwitched)
    assert (moved.destination, moved.overridden) == ("b a", ("r",))
    assert [claim.destination for claim in find_claims({"traffic": {"a": 1}}, WeightsSet)] == ["{'a': 1}"]
    assert list(read_claims({"task": "notify"})) == []


def test_tasks_word_a_reached_goal_only_by_claims() -> None:
    """A task writes a sentence of its own only while it waits: `PollResult(True, ...)` occurs in no task."""
    folders = ("lambdas", "drs", "src/leeward/traffic", "src/leeward/data", "examples")
    sources = {path: path.read_text("utf-8") for folder in folders for path in (REPOSITORY / folder).rglob("*.py")}
    page = REPOSITORY / "docs" / "extending.md"
    sources[page] = "\n".join(re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL))
    own = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno}"
        for path, text in nonempty(sources.items())
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "PollResult"
        and not (node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value is False)
    ]
    assert own == []
