"""Chart colours that follow the browser's light or dark mode.

matplotlib needs a colour value, but a page that follows `prefers-color-scheme` needs CSS variables. So each colour has
a placeholder value that nothing else uses. In the finished SVG, `var(--name)` replaces the placeholder.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Colour(StrEnum):
    """The page's colours by purpose. The values are placeholders. page.css defines the visible colours."""

    INK = "#010203"
    QUIET = "#010204"
    LINE = "#010205"
    FACE = "#010206"
    ORIGIN = "#010207"
    TARGET = "#010208"
    FAILED = "#010209"
    DONE = "#01020a"
    CRITICAL = "#01020b"
    ASKING = "#01020c"
    PASSED_OVER = "#01020d"


_CSS_VARIABLES = {colour.value: f"var(--{colour.name.lower().replace('_', '-')})" for colour in Colour}
_PLACEHOLDER = re.compile("|".join(_CSS_VARIABLES))


def replace_placeholders(svg: str) -> str:
    """Return the SVG with CSS variables in place of the placeholders."""
    return _PLACEHOLDER.sub(lambda match: _CSS_VARIABLES[match.group()], svg)
