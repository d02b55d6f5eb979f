"""Render the report page. The template escapes all values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, select_autoescape
from markupsafe import Markup

from leeward.base.import_paths import load
from leeward.evidence.dependencies.dependency_table import DependencyTable
from leeward.evidence.model import Evidence, StateNode
from leeward.kinds.plugin_discovery import plugins
from leeward.report import dependency_section
from leeward.report.charts import state_graph, timeline_chart, traffic_chart
from leeward.report.drawing import value_format
from leeward.report.drawing.svg_figures import truncate_text
from leeward.report.report_section import ReportSection

_LONG_DETAIL = 600


@dataclass(frozen=True, slots=True)
class RunSection:
    """One run on the page, with its charts."""

    run: Evidence
    number: int
    traffic: Markup
    traffic_narrow: Markup
    timeline: Markup
    timeline_narrow: Markup
    graph: state_graph.StateGraphDrawing | None
    path: Sequence[StateNode]
    added: Sequence[ReportSection]


def render_page(
    runs: Sequence[Evidence], *, differences: Sequence[str] = (), dependencies: Sequence[DependencyTable] = ()
) -> str:
    """Return the HTML report of one run, or of the runs of a round trip.

    `differences` lists what a round trip left changed. `dependencies` are the tables of the runs' runbooks, as far as
    they are known.
    """
    environment = Environment(autoescape=select_autoescape(default=True), undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {
        "span": value_format.format_duration,
        "clock": value_format.format_clock,
        "moment": value_format.format_time,
        "number": value_format.format_number,
        "fit": truncate_text,
    }
    environment.globals |= {
        "verdict": value_format.describe_verdict,
        "since": value_format.format_since_incident,
        "count_promises": value_format.count_promises,
        "long_detail": _LONG_DETAIL,
    }
    template = environment.from_string(files("leeward.report").joinpath("page.html.jinja").read_text(encoding="utf-8"))
    style = Markup(files("leeward.report").joinpath("page.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file
    sections = [_build_section(run, number, dependencies) for number, run in enumerate(runs, start=1)]
    passed = all(run.passed for run in runs) and not differences
    html: str = template.render(sections=sections, style=style, differences=differences, passed=passed)
    return html


def _build_section(run: Evidence, number: int, dependencies: Sequence[DependencyTable]) -> RunSection:
    def render_chart(draw: object, *, narrow: bool, name: str) -> Markup:
        # matplotlib escapes text in the SVG.
        return Markup(draw(run, narrow=narrow, id_prefix=f"{name}{number}{'n' if narrow else 'w'}"))  # type: ignore[operator]  # noqa: S704

    entered_nodes = [node for node in (run.graph.nodes if run.graph else []) if node.order is not None]
    return RunSection(
        run=run,
        number=number,
        traffic=render_chart(traffic_chart.draw_traffic, narrow=False, name="traffic"),
        traffic_narrow=render_chart(traffic_chart.draw_traffic, narrow=True, name="traffic"),
        timeline=render_chart(timeline_chart.draw_timeline, narrow=False, name="time"),
        timeline_narrow=render_chart(timeline_chart.draw_timeline, narrow=True, name="time"),
        graph=state_graph.draw_state_graph(run.graph) if run.graph else None,
        path=sorted(entered_nodes, key=lambda node: node.order or 0),
        added=[*dependency_section.list_sections(run, dependencies), *_list_added_sections(run)],
    )


def _list_added_sections(run: Evidence) -> Iterator[ReportSection]:
    """Yield the sections of plug-ins. One that fails is named, because the report is needed all the same."""
    for path in (path for plugin in plugins() for path in plugin.report_sections):
        try:
            section = load(path)(run)
        except Exception as error:
            section = ReportSection(
                f"Section {path}", [["It could not be built"], [f"{type(error).__name__}: {error}"]]
            )
        if section is not None:
            yield section
