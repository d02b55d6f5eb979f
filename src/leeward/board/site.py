"""The static site: `index.html`, and `<application>.html` for each; every word from outside is escaped."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, select_autoescape
from markupsafe import Markup

from leeward.board.model import Board
from leeward.board.trend import HEIGHT, WIDTH, trend
from leeward.common import durations


def render(board: Board) -> dict[str, str]:
    """File name -> HTML. No file needs the network or another file to be read; the index links to the others."""
    environment = Environment(
        autoescape=select_autoescape(default=True), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"span": _span, "moment": _moment}
    environment.globals |= {"width": WIDTH, "height": HEIGHT, "trend": trend}
    style = Markup(_text("site.css"))  # noqa: S704 - our own file
    pages = {"index.html": _page(environment, "index.html.jinja", board=board, style=style)}
    for application in board.applications:
        pages[f"{application.name}.html"] = _page(
            environment, "application.html.jinja", board=board, application=application, style=style
        )
    return pages


def write(board: Board, folder: Path) -> list[Path]:
    """Write the site; the files written, the index first. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in render(board).items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _page(environment: Environment, template: str, **values: Any) -> str:
    made: str = environment.from_string(_text(template)).render(**values)
    return made


def _text(name: str) -> str:
    return files("leeward.board").joinpath(name).read_text(encoding="utf-8")


def _span(seconds: float | None) -> str:
    return "unknown" if seconds is None else durations.show(round(seconds))


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
