"""The random numbers of realistic time: by seed and key, independent of each other."""

from __future__ import annotations

import statistics

import pytest

from leeward.twin.realism.realism_settings import Realism, RealismPart, SeededDraws


def test_all_parts_are_on_by_default() -> None:
    assert all(Realism().has(part) for part in RealismPart)
    assert not any(Realism.none().has(part) for part in RealismPart)


@pytest.mark.parametrize("part", RealismPart)
def test_one_part_can_be_turned_off(part: RealismPart) -> None:
    assert [each for each in RealismPart if not Realism().without(part).has(each)] == [part]


def test_draws_depend_on_seed_topic_key_and_count() -> None:
    def first(seed: int, topic: str, key: str) -> float:
        return SeededDraws(seed, topic).uniform(key, 0, 1)

    draws = SeededDraws(7, "latency")
    assert draws.uniform("a", 0, 1) == first(7, "latency", "a")
    assert draws.uniform("a", 0, 1) != first(7, "latency", "a")
    assert (
        len({first(7, "latency", "a"), first(8, "latency", "a"), first(7, "dns", "a"), first(7, "latency", "b")}) == 4
    )


def test_additional_draw_of_one_key_leaves_other_keys_unchanged() -> None:
    plain, disturbed = SeededDraws(7, "latency"), SeededDraws(7, "latency")
    plain.uniform("a", 0, 1)
    disturbed.uniform("a", 0, 1)
    disturbed.uniform("b", 0, 1)
    assert plain.uniform("a", 0, 1) == disturbed.uniform("a", 0, 1)


def test_long_tailed_numbers_have_the_median_and_a_long_tail() -> None:
    draws = SeededDraws(7, "latency")
    numbers = [draws.long_tailed("a", 100, 0.5) for _ in range(2000)]
    assert statistics.median(numbers) == pytest.approx(100, rel=0.05)
    assert max(numbers) > 350
    assert min(numbers) > 10


def test_event_happens_with_its_probability() -> None:
    draws = SeededDraws(7, "dns")
    assert sum(draws.happens("a", 0.2) for _ in range(2000)) == pytest.approx(400, rel=0.15)
