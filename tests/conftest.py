"""For every test: what the twin parses is kept for the next run, and the collector looks seldom.

The twin makes millions of objects that live as long as its world; Python's defaults look through them all the time.
"""

from __future__ import annotations

import gc
from pathlib import Path


def pytest_configure() -> None:
    from twin.engine import keep_parsed_in

    keep_parsed_in(Path(__file__).parents[1] / "build" / "parsed")
    gc.set_threshold(50_000, 20, 50)
