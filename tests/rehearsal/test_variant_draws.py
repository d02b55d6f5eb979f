"""The routing variants over many draws: percentiles, and the bound against the longest time."""

from __future__ import annotations

from leeward.cli.screens.variant_draws import show_variant_draws
from leeward.rehearsal.draws.variant_draws import UnplayedComparison, VariantDraws, summarize_comparisons
from leeward.rehearsal.runner.routing_comparison import VariantComparison
from tests.cli.screens.rendering import console, plain_text
from tests.rehearsal.test_routing_variants import report


def comparison(seed: int, measured: float) -> VariantComparison:
    return VariantComparison(
        application="ticketing", scenarios=["region-dark"], seed=seed, users=6, variants=[report(measured)]
    )


def draws(*measured: float, asked: int | None = None, unplayed: list[UnplayedComparison] | None = None) -> VariantDraws:
    comparisons = {seed: comparison(seed, seconds) for seed, seconds in enumerate(measured, 7)}
    return VariantDraws(
        application="ticketing", first_seed=7, asked=asked or len(measured), seeds=sorted(comparisons), users=6,
        variants=summarize_comparisons(comparisons), unplayed=unplayed or [],
    )  # fmt: skip


def shown(result: VariantDraws) -> str:
    on = console(80)
    show_variant_draws(on, result)
    return plain_text(on)


def test_variants_show_percentiles_and_the_bound_of_the_longest_time() -> None:
    bound = report().bound_seconds
    result = draws(*range(20, 39), bound)
    (variant,) = result.variants
    assert (variant.leave.p50.value, variant.leave.p95.value, variant.leave.max.value) == (29, 38, bound)
    assert variant.downtime.max.value == 40
    assert result.passed
    screen = shown(result)
    row = next(line.split() for line in screen.splitlines() if line.startswith("region-dark"))
    assert row == ["region-dark", "failover", "29s", "38s", "1m3s", "1m3s", "holds"]
    assert "PASSED" in screen
    assert max(len(line) for line in screen[: screen.index("PASSED")].splitlines()) <= 80


def test_one_draw_beyond_the_bound_fails_the_comparison() -> None:
    result = draws(20, report().bound_seconds + 1, 21)
    assert not result.passed
    assert result.variants[0].seeds_beyond_bound == [8]
    assert "beyond the bound of time or writes with seed 8" in shown(result)
    assert "exceeded" in shown(result)


def test_unplayed_draw_fails_the_comparison_and_is_named() -> None:
    result = draws(20, 21, asked=3, unplayed=[UnplayedComparison(seed=9, problem="the simulation stopped")])
    assert not result.passed
    assert not result.was_interrupted
    assert "seed 9: the simulation stopped" in shown(result)


def test_interrupted_comparison_does_not_pass() -> None:
    result = draws(20, asked=3)
    assert result.was_interrupted
    assert not result.passed
    assert "INTERRUPTED  1 of 3 draws" in shown(result)
