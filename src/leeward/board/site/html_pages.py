"""Render the static site: `index.html` and one `<application>.html` each. The templates escape all values."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leeward.base import durations
from leeward.board.model import Board
from leeward.board.site.rto_chart import HEIGHT, WIDTH, build_rto_trend
from leeward.evidence.model import MeasurementStatus

if TYPE_CHECKING:
    from jinja2 import Environment


def render_site(board: Board) -> dict[str, str]:
    """Return the HTML of each file by name. Files load no other files. The index links to the application pages."""
    # Jinja takes as long to load as a third of boto3, and the board's task reads the tables first.
    from jinja2 import Environment, StrictUndefined, select_autoescape  # noqa: PLC0415
    from markupsafe import Markup  # noqa: PLC0415

    environment = Environment(
        autoescape=select_autoescape(default=True), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"span": _format_duration, "moment": _format_time}
    environment.globals |= {"width": WIDTH, "height": HEIGHT, "trend": build_rto_trend, "figure": _format_figure}
    style = Markup(_read_resource("site.css"))  # noqa: S704 - our own file
    pages = {"index.html": _render_template(environment, "index.html.jinja", board=board, style=style)}
    for application in board.applications:
        pages[f"{application.name}.html"] = _render_template(
            environment, "application.html.jinja", board=board, application=application, style=style
        )
    return pages


def write_site(board: Board, folder: Path) -> list[Path]:
    """Write the site to `folder`, and return the paths, the index first. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in render_site(board).items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _render_template(environment: Environment, template: str, **values: Any) -> str:
    html: str = environment.from_string(_read_resource(template)).render(**values)
    return html


def _read_resource(name: str) -> str:
    return files("leeward.board.site").joinpath(name).read_text(encoding="utf-8")


def _format_duration(seconds: float | None) -> str:
    return "unknown" if seconds is None else durations.format_duration(round(seconds))


def _format_figure(seconds: float | None, status: MeasurementStatus | None) -> str:
    """Return the measured duration, or why there is none."""
    return str(status) if seconds is None and status is not None else _format_duration(seconds)


def _format_time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
