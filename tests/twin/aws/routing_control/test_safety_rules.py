"""The conditions of safety rules."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.twin.aws.routing_control.state.routing_resources import SafetyRuleConfig
from leeward.twin.aws.routing_control.state.safety_rules import condition_holds


@pytest.mark.parametrize(
    ("kind", "threshold", "on", "expected"),
    [
        ("ATLEAST", 2, 1, False),
        ("ATLEAST", 2, 2, True),
        ("ATLEAST", 2, 3, True),
        ("AND", 0, 2, False),
        ("AND", 0, 3, True),
        ("OR", 0, 0, False),
        ("OR", 0, 1, True),
    ],
)
def test_safety_rule_conditions_on_three_controls(kind: Any, threshold: int, on: int, expected: bool) -> None:
    states: list[Any] = ["On"] * on + ["Off"] * (3 - on)
    assert condition_holds(SafetyRuleConfig(kind, threshold, inverted=False), states) is expected
    assert condition_holds(SafetyRuleConfig(kind, threshold, inverted=True), states) is not expected
