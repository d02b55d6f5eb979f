"""Waves and cycles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.state_machines.application.launch_order import find_cycles, order_in_waves

NAMES = "abcdef"
orders = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3), max_size=6)


def test_side_by_side_where_nothing_orders_them() -> None:
    after = {"web": ["app"], "app": ["db", "cache"], "db": [], "cache": []}
    assert order_in_waves(["web", "app", "cache", "db"], after) == [["cache", "db"], ["app"], ["web"]]


def test_an_order_through_a_group_that_is_left_out_still_holds() -> None:
    assert order_in_waves(["web", "db"], {"web": ["app"], "app": ["db"]}) == [["db"], ["web"]]


def test_an_unknown_group_orders_nothing() -> None:
    assert order_in_waves(["a", "b"], {"a": ["nowhere"]}) == [["a", "b"]]


def test_no_groups_no_waves() -> None:
    assert order_in_waves([], {}) == []


def test_a_cycle_has_no_waves() -> None:
    with pytest.raises(ValueError, match="a, b wait for each other"):
        order_in_waves(["a", "b"], {"a": ["b"], "b": ["a"]})


def test_each_cycle_is_named_once() -> None:
    after = {"a": ["b"], "b": ["c"], "c": ["a"], "d": ["d"], "e": ["a"]}
    assert find_cycles(after) == [["a", "b", "c", "a"], ["d", "d"]]


@given(orders)
def test_waves_exist_exactly_where_there_is_no_cycle(after: dict[str, list[str]]) -> None:
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
