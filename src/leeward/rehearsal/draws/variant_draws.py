"""Compares the routing variants of an application with many seeds, and each bound with the longest measured time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from leeward.evidence.draws.figures import Distribution, DrawsModel, Figure
from leeward.rehearsal.processes.forked_calls import call_in_forks
from leeward.rehearsal.runner.routing_comparison import VariantComparison, VariantReport, compare_routing_variants
from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse

# Real time. A comparison plays every incident with every variant.
_TIMEOUT_SECONDS = 3600


class VariantDistribution(DrawsModel):
    """One variant in one incident, over all draws.

    - `leave`: the seconds from the incident until the last user had left the affected Region.
    - `downtime`: the seconds in which users were without service.
    - `bound_seconds`: the documented bound of `leave`.
    - `seeds_beyond_bound`: the seeds whose time exceeds the bound, or whose writes were lost or duplicated against it.
    """

    scenario: str
    variant: str
    bound_seconds: float
    leave: Distribution
    downtime: Distribution
    seeds_beyond_bound: list[int]


class UnplayedComparison(DrawsModel):
    """A draw that could not be played, and why."""

    seed: int
    problem: str


class VariantDraws(DrawsModel):
    """The comparison of all variants with the seeds from `first_seed` on.

    `asked` is the requested number of draws. After an interruption, `seeds` has fewer.
    """

    application: str
    first_seed: int
    asked: int
    seeds: list[int]
    users: int
    variants: list[VariantDistribution]
    unplayed: list[UnplayedComparison]

    @property
    def was_interrupted(self) -> bool:
        """Return whether some of the requested draws were not played."""
        return len(self.seeds) + len(self.unplayed) < self.asked

    @property
    def passed(self) -> bool:
        """Return whether all requested draws were played, and every variant stayed within its bound in each of them."""
        within = not any(variant.seeds_beyond_bound for variant in self.variants)
        return len(self.seeds) == self.asked and bool(self.variants) and within


def draw_routing_variants(
    root: Path,
    application: str,
    *,
    scenario: str | None,
    first_seed: int,
    count: int,
    jobs: int,
    on_draw: Callable[[int], object] = lambda _: None,
) -> VariantDraws:
    """Compare the variants with each seed, `jobs` of them in parallel. `on_draw` is called with each seed that ended.

    The first draw is played in this process, and raises the errors of `compare_routing_variants`. Of the other draws,
    one that can't be played is part of the result. KeyboardInterrupt ends the draws that still run, and the result has
    those that had ended.
    """
    compare = partial(compare_routing_variants, root, application, scenario=scenario)
    comparisons: dict[int, VariantComparison] = {}
    unplayed: list[UnplayedComparison] = []

    def add(seed: int, text: str | None) -> None:
        if text is None or text.startswith(_FAILED):
            problem = (text or "its process ended without a result: it timed out or crashed").removeprefix(_FAILED)
            unplayed.append(UnplayedComparison(seed=seed, problem=problem))
        else:
            comparisons[seed] = VariantComparison.model_validate_json(text)
        on_draw(seed)

    seeds = range(first_seed, first_seed + count)
    try:
        add(seeds[0], compare(seed=seeds[0]).model_dump_json())
        call_in_forks(partial(_compare_in_fork, compare), seeds[1:], jobs, add, timeout_seconds=_TIMEOUT_SECONDS)
    except KeyboardInterrupt:
        pass
    return VariantDraws(
        application=application,
        first_seed=first_seed,
        asked=count,
        seeds=sorted(comparisons),
        users=next((each.users for each in comparisons.values()), 0),
        variants=summarize_comparisons(comparisons),
        unplayed=sorted(unplayed, key=lambda each: each.seed),
    )


_FAILED = "failed: "


def _compare_in_fork(compare: Callable[..., VariantComparison], seed: int) -> str:
    try:
        return compare(seed=seed).model_dump_json()
    except CannotRehearse as error:
        return f"{_FAILED}{error}"


def summarize_comparisons(comparisons: Mapping[int, VariantComparison]) -> list[VariantDistribution]:
    """Return the distributions of each variant in each incident. `comparisons` are by seed."""
    reports: dict[tuple[str, str], dict[int, VariantReport]] = {}
    for seed, comparison in sorted(comparisons.items()):
        for report in comparison.variants:
            reports.setdefault((report.scenario, report.variant), {})[seed] = report
    return [_summarize_variant(scenario, variant, each) for (scenario, variant), each in reports.items()]


def _summarize_variant(scenario: str, variant: str, reports: Mapping[int, VariantReport]) -> VariantDistribution:
    return VariantDistribution(
        scenario=scenario,
        variant=variant,
        bound_seconds=min(report.bound_seconds for report in reports.values()),
        leave=Distribution.from_figures([Figure.measured(each.measured_seconds) for each in reports.values()]),
        downtime=Distribution.from_figures([Figure.measured(each.downtime_seconds) for each in reports.values()]),
        seeds_beyond_bound=[seed for seed, report in reports.items() if not report.is_within_bound],
    )
