"""The parts that a machine is made of: bounded looks, names, text; the same documents give the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from leeward.state_machines.asl import AnyOf, ChoiceState, Comparison, PassState, StateMachine
from leeward.state_machines.asl.intrinsic_functions import format_string
from leeward.state_machines.asl.serialization.json_text import to_json_text
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval, max_polls
from leeward.state_machines.fragments.state_names import StateNames, make_step_id, make_step_ids
from tests.state_machines.conftest import compiled_shop
from tests.support.paths import REPOSITORY

# Waiting


@pytest.mark.parametrize("timeout", [1, 14, 15, 16, 299, 300, 1500, 7200, 86_400, 99_999_999])
def test_poll_count_covers_timeout_and_is_bounded(timeout: int) -> None:
    poll = PollInterval(first_seconds=15, longest_seconds=30).to_poll(timeout)
    elapsed, looks = 0, 1
    while elapsed < timeout:
        assert looks < max_polls(poll), "time is up first, wherever the clock goes on"
        elapsed += poll.model_copy(update={"attempt": looks - 1}).next_interval(elapsed)
        looks += 1
    assert looks < max_polls(poll) <= 150


# Names


def test_state_names_are_unique_and_within_limit() -> None:
    names = StateNames()
    assert names.reserve("Recover", ": look") == "Recover: look"
    assert names.reserve("Recover", ": look") == "Recover: look (2)"
    long = names.reserve("x" * 100, ": timed out")
    assert len(long) == 80
    assert long.endswith("…: timed out")
    assert len(names.reserve("x" * 100, ": timed out")) == 80


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Take the lock", "take_the_lock"),
        ("Check that us-west-2 serves", "check_that_us_west_2_serves"),
        ("5 minutes' rest", "step_5_minutes_rest"),
        ("Đăng ký máy chủ", "dang_ky_may_chu"),
        ("終了", ""),
    ],
)
def test_ids_are_derived_from_names(name: str, wanted: str) -> None:
    assert make_step_id(name) == wanted


def test_step_without_latin_letters_gets_numbered_id() -> None:
    assert make_step_ids(["Take the lock", "終了"]) == ["take_the_lock", "step_2"]


# Text


def test_compilation_is_deterministic_across_processes() -> None:
    code = (
        "import sys; from tests.state_machines.conftest import compiled_shop; "
        "sys.stdout.write(compiled_shop('failover').text)"
    )
    made = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            cwd=REPOSITORY,
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        ).stdout
        for seed in ("1", "2")
    ]
    assert made[0] == made[1] == compiled_shop("failover").text.encode()


def test_generated_text_keeps_short_lists_on_one_line() -> None:
    value: dict[str, Any] = {"a": [1, "ü", None, 2.0], "b": [{"c": []}], "d": {}}
    text = to_json_text(value)
    assert json.loads(text) == value
    assert '"a": [1, "ü", null, 2.0],\n' in text
    assert text.endswith("}\n")


def test_single_choice_rule_is_not_wrapped() -> None:
    state = ChoiceState(((AnyOf((Comparison("$.a", 1, "GreaterThanEquals"),)), "x"),), "y")
    assert state.to_json()["Choices"] == [{"Variable": "$.a", "NumericGreaterThanEquals": 1, "Next": "x"}]


def test_machine_serializes_to_json() -> None:
    machine = StateMachine("why", "A", 5, {"A": PassState({"x.$": "$.y"}, None, "$.z", "c")})
    state = {"Type": "Pass", "Comment": "c", "Parameters": {"x.$": "$.y"}, "ResultPath": "$.z", "End": True}
    assert json.loads(machine.to_text())["States"]["A"] == state


def test_format_intrinsic_rejects_text_needing_escape() -> None:
    assert format_string("a ", "$.b", " c") == "States.Format('a {} c', $.b)"
    with pytest.raises(ValueError, match="must be escaped"):
        format_string("it's", "$.b")
