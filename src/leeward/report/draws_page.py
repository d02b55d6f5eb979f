"""Render the report page of a rehearsal with many draws. The template escapes all values."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, select_autoescape
from markupsafe import Markup

from leeward.evidence.draws.draw_results import DrawsReport, ObjectiveReport
from leeward.evidence.draws.figures import Distribution, Figure, FigureName, FigureStatus
from leeward.report.charts.histogram_chart import draw_histogram, format_figure
from leeward.report.drawing import value_format
from leeward.report.drawing.svg_figures import truncate_text


@dataclass(frozen=True, slots=True)
class FigureSection:
    """One figure on the page, with its percentiles as texts and its histogram."""

    name: str
    percentiles: dict[str, str]
    objective: ObjectiveReport | None
    never_reached: int
    not_measured: int
    chart: Markup
    chart_narrow: Markup


def render_draws_page(report: DrawsReport) -> str:
    """Return the HTML report of all draws."""
    environment = Environment(autoescape=select_autoescape(default=True), undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {
        "span": value_format.format_duration,
        "number": value_format.format_number,
        "fit": truncate_text,
    }
    environment.globals |= {"figure": _format_figure, "names": list(FigureName)}
    folder = files("leeward.report")
    template = environment.from_string(folder.joinpath("draws_page.html.jinja").read_text(encoding="utf-8"))
    style = Markup(folder.joinpath("page.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file
    sections = [_build_section(report, name, each) for name, each in report.distributions.items()]
    html: str = template.render(report=report, sections=sections, style=style)
    return html


def _build_section(report: DrawsReport, name: FigureName, distribution: Distribution) -> FigureSection:
    objective = next((each for each in report.objectives if each.name is name), None)
    seconds = objective.objective_seconds if objective else None
    prefix = name.value.replace(" ", "-")

    def draw_chart(*, narrow: bool) -> Markup:
        svg = draw_histogram(name, distribution, seconds, narrow=narrow, id_prefix=f"{prefix}{'n' if narrow else 'w'}")
        return Markup(svg)  # noqa: S704 - matplotlib escapes text in the SVG

    return FigureSection(
        name=name.value,
        percentiles={
            label: _format_figure(name, figure)
            for label, figure in (("p50", distribution.p50), ("p95", distribution.p95), ("max", distribution.max))
        },
        objective=objective,
        never_reached=distribution.count(FigureStatus.NEVER_REACHED),
        not_measured=distribution.count(FigureStatus.NOT_MEASURED),
        chart=draw_chart(narrow=False),
        chart_narrow=draw_chart(narrow=True),
    )


def _format_figure(name: FigureName, figure: Figure) -> str:
    return figure.status.value if figure.value is None else format_figure(name, figure.value)
