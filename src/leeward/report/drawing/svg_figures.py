"""Create matplotlib figures and render them as inline SVG, with real text and reproducible bytes."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from leeward.report.drawing.colours import Colour, replace_placeholders

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "leeward",
    # Names come from documents, so a dollar sign must not start a formula.
    "text.parse_math": False,
    "font.size": 9,
    "axes.edgecolor": Colour.LINE.value,
    "axes.labelcolor": Colour.QUIET.value,
    "xtick.color": Colour.QUIET.value,
    "ytick.color": Colour.QUIET.value,
    "text.color": Colour.INK.value,
}
_HEAD = re.compile(r"^.*?(?=<svg )", re.DOTALL)
_SIZE = re.compile(r'(<svg [^>]*?) width="[^"]*"|(<svg [^>]*?) height="[^"]*"')
_META = re.compile(r"<metadata>.*?</metadata>\s*|<!--.*?-->\s*", re.DOTALL)
_FONT = re.compile(r"(font:\s*(?:[\w.]+\s+)*?[\d.]+px)\s+[^;\"]+")
# Control characters, surrogates, and noncharacters, which XML does not allow.
_INVALID_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@contextmanager
def create_figure(width: float, height: float) -> Iterator[tuple[Figure, Axes]]:
    """Yield a figure with one axes. Sizes are in inches. The style applies only inside the context."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        figure.patch.set_visible(False)
        axes = figure.add_subplot()
        axes.patch.set_visible(False)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        yield figure, axes


def render_svg(figure: Figure, label: str, id_prefix: str) -> str:
    """Return the figure as an inline SVG that fills its column.

    `label` is the text for screen readers. `id_prefix` makes the SVG's ids unique on the page.
    """
    buffer = io.StringIO()
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        # The browser renders the text, so fonts that are missing here do not matter.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = _META.sub("", _HEAD.sub("", buffer.getvalue()))
    head, rest = text.split(">", 1)
    head = re.sub(r'\s(width|height)="[^"]*"', "", head)
    text = f'{head} role="img" aria-label="{_escape_attribute(label)}">{rest}'
    text = re.sub(r'\bid="', f'id="{id_prefix}-', text)
    text = re.sub(r"url\(#", f"url(#{id_prefix}-", text)
    text = re.sub(r'href="#', f'href="#{id_prefix}-', text)
    return replace_placeholders(_FONT.sub(r"\1 inherit", text))


def truncate_text(text: str, max_length: int) -> str:
    """Return `text` on one line with at most `max_length` characters. Replace characters that XML does not allow."""
    line = " ".join(_INVALID_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", text).split())
    return line if len(line) <= max_length else line[: max_length - 1] + "…"


def truncate_middle(text: str, max_length: int) -> str:
    """Shorten `text` as `truncate_text` does, but in the middle, because similar names often differ at the end."""
    line = truncate_text(text, 10_000)
    if len(line) <= max_length:
        return line
    end = max_length // 2
    return f"{line[: max_length - 1 - end]}…{line[-end:]}"


def _escape_attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
