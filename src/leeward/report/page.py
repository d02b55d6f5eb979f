"""The page: everything put together by one template, in which every word from outside is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, select_autoescape
from markupsafe import Markup

from leeward.evidence.model import Evidence, Node
from leeward.report import graph, timeline, traffic, words
from leeward.report.drawing import fit

_LONG_DETAIL = 600


@dataclass(frozen=True, slots=True)
class Section:
    """One run on the page, with what was drawn of it."""

    run: Evidence
    number: int
    traffic: Markup
    traffic_narrow: Markup
    timeline: Markup
    timeline_narrow: Markup
    graph: graph.Drawing | None
    path: Sequence[Node]


def page(runs: Sequence[Evidence], *, differences: Sequence[str] = ()) -> str:
    """One HTML document of one run, or of several that belong together; `differences` are what a round trip left."""
    environment = Environment(autoescape=select_autoescape(default=True), undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {
        "span": words.span,
        "clock": words.clock,
        "moment": words.moment,
        "number": words.number,
        "fit": fit,
    }
    environment.globals |= {"verdict": words.verdict, "since": words.since, "long_detail": _LONG_DETAIL}
    template = environment.from_string(files("leeward.report").joinpath("page.html.jinja").read_text(encoding="utf-8"))
    style = Markup(files("leeward.report").joinpath("page.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file
    sections = [_section(run, number) for number, run in enumerate(runs, start=1)]
    passed = all(run.passed for run in runs) and not differences
    made: str = template.render(sections=sections, style=style, differences=differences, passed=passed)
    return made


def _section(run: Evidence, number: int) -> Section:
    def drawn(draw: object, *, narrow: bool, name: str) -> Markup:
        # matplotlib writes XML and escapes what it is given.
        return Markup(draw(run, narrow=narrow, ids=f"{name}{number}{'n' if narrow else 'w'}"))  # type: ignore[operator]  # noqa: S704

    entered = [node for node in (run.graph.nodes if run.graph else []) if node.order is not None]
    return Section(
        run=run,
        number=number,
        traffic=drawn(traffic.draw, narrow=False, name="traffic"),
        traffic_narrow=drawn(traffic.draw, narrow=True, name="traffic"),
        timeline=drawn(timeline.draw, narrow=False, name="time"),
        timeline_narrow=drawn(timeline.draw, narrow=True, name="time"),
        graph=graph.draw(run.graph) if run.graph else None,
        path=sorted(entered, key=lambda node: node.order or 0),
    )
