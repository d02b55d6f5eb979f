"""Colours that follow the reader's light or dark mode: drawn as placeholders, written as CSS variables.

A drawing library wants a colour, and a page that follows `prefers-color-scheme` wants a name. Each name therefore has a
colour that nothing else uses, and every occurrence of it in the finished SVG becomes `var(--name)`.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Colour(StrEnum):
    """The page's colours, by what they mean. The values are placeholders; the template holds what is seen."""

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
    """The SVG with variables in place of the placeholders."""
    return _PLACEHOLDER.sub(lambda found: _CSS_VARIABLES[found.group()], svg)
