"""The committed figures of the sample runbooks are what rehearsals measure, and every part of realistic time shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from leeward.rehearsal.runner.trigger_rehearsal import RehearsalTrigger
from leeward.twin.realism.realism_settings import Realism, RealismPart
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY
from tools.sample_figures import PAGE, Figures, Sample, list_samples, measure, read_figures, render_page

TICKETING_FAILOVER = Sample("ticketing", "failover")
TICKETING_FAILBACK = Sample("ticketing", "failback-routing-control")
TICKETING_WEIGHTED_FAILBACK = Sample("ticketing", "failback-weighted")
WEBSITE_DRILL = Sample("website", "drill")
WEBSITE_ALARM = Sample("website", "failover", RehearsalTrigger.ALARM)


@dataclass(frozen=True)
class PartFigure:
    """A committed figure that one part of realistic time makes larger. `figure` is its path in the JSON file."""

    sample: Sample
    figure: str


# tests/rehearsals/fleet covers API_RATE_LIMITS: the sample applications are too small to be throttled.
FIGURES = {
    RealismPart.API_LATENCY: PartFigure(TICKETING_FAILOVER, "run_seconds"),
    RealismPart.COLD_STARTS: PartFigure(TICKETING_FAILOVER, "run_seconds"),
    RealismPart.STATUS_CHECKS: PartFigure(WEBSITE_DRILL, "run_seconds"),
    RealismPart.HEALTH_CHECK_TIMING: PartFigure(TICKETING_FAILOVER, "rto.measured_seconds"),
    RealismPart.DNS_PROPAGATION: PartFigure(TICKETING_WEIGHTED_FAILBACK, "run_seconds"),
    RealismPart.RESOLVER_OVERRUN: PartFigure(TICKETING_FAILOVER, "rto.measured_seconds"),
    RealismPart.KEPT_CONNECTIONS: PartFigure(TICKETING_FAILBACK, "served_seconds"),
    RealismPart.REQUEST_TIMEOUTS: PartFigure(TICKETING_FAILOVER, "downtime_seconds"),
    RealismPart.LAUNCH_BY_DISK_SIZE: PartFigure(WEBSITE_DRILL, "run_seconds"),
    RealismPart.TRIGGER_DELAY: PartFigure(WEBSITE_ALARM, "start_seconds"),
}
# The parts whose samples are quick enough for every test run.
QUICK = {RealismPart.STATUS_CHECKS, RealismPart.LAUNCH_BY_DISK_SIZE}
SAMPLES = nonempty(list(list_samples()))


def part_cases() -> Iterator[object]:
    for part in FIGURES:
        marks = () if part in QUICK else (pytest.mark.verify("a complete rehearsal"),)
        yield pytest.param(part, id=part.value, marks=marks)


def figure_at(figures: Figures, path: str) -> float:
    value: object = figures
    for key in path.split("."):
        assert isinstance(value, dict)
        value = value[key]
    assert isinstance(value, float)
    return value


@pytest.mark.parametrize("part", list(part_cases()))
def test_sample_figure_is_smaller_without_each_realism_part(part: RealismPart) -> None:
    case = FIGURES[part]
    committed = figure_at(read_figures()[case.sample.name], case.figure)
    assert figure_at(measure(case.sample, Realism().without(part)), case.figure) < committed


def test_every_realism_part_but_rate_limits_has_a_sample_figure() -> None:
    assert set(FIGURES) == set(RealismPart) - {RealismPart.API_RATE_LIMITS}


def test_every_committed_runbook_and_trigger_has_figures() -> None:
    committed = {
        f"{path.parent.name} {path.stem} person"
        for path in REPOSITORY.glob("runbooks/*/*.yaml")
        if path.stem != "application"
    }
    assert set(read_figures()) == committed | {"website failover alarm", "website drill schedule"}


def test_page_states_the_figures_of_the_json_file() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(read_figures())


@pytest.mark.verify("complete rehearsals")
@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
def test_rehearsal_with_every_realism_part_equals_the_committed_figures(sample: Sample) -> None:
    assert measure(sample) == read_figures()[sample.name]
