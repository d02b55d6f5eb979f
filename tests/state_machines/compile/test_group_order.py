"""Waves and cycles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.state_machines.application.launch_order import find_cycles, order_in_waves

NAMES = "abcdef"
group_orders = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3), max_size=6)


def test_unordered_groups_share_one_wave() -> None:
    after = {"web": ["app"], "app": ["db", "cache"], "db": [], "cache": []}
    assert order_in_waves(["web", "app", "cache", "db"], after) == [["cache", "db"], ["app"], ["web"]]


def test_order_holds_through_excluded_group() -> None:
    assert order_in_waves(["web", "db"], {"web": ["app"], "app": ["db"]}) == [["db"], ["web"]]


def test_unknown_group_is_ignored() -> None:
    assert order_in_waves(["a", "b"], {"a": ["nowhere"]}) == [["a", "b"]]


def test_no_groups_give_no_waves() -> None:
    assert order_in_waves([], {}) == []


def test_cycle_gives_no_waves() -> None:
    with pytest.raises(ValueError, match="a, b wait for each other"):
        order_in_waves(["a", "b"], {"a": ["b"], "b": ["a"]})


def test_each_cycle_is_reported_once() -> None:
    after = {"a": ["b"], "b": ["c"], "c": ["a"], "d": ["d"], "e": ["a"]}
    assert find_cycles(after) == [["a", "b", "c", "a"], ["d", "d"]]


@given(group_orders)
def test_waves_exist_only_without_cycle(after: dict[str, list[str]]) -> None:
    if any(
        set(cycle) for cycle in find_cycles({name: [n for n in after.get(name, []) if n != name] for name in NAMES})
    ):
        with pytest.raises(ValueError, match="wait for each other"):
            order_in_waves(NAMES, after)
        return
    found = order_in_waves(NAMES, after)
    assert sorted(name for wave in found for name in wave) == sorted(NAMES)
    number = {name: index for index, wave in enumerate(found) for name in wave}
    assert all(number[other] < number[name] for name in after for other in after[name] if other != name)
