"""For every test: what the twin parses is kept for the next run, the collector looks seldom, long files come first.

The twin makes millions of objects that live as long as its world; Python's defaults look through them all the time.
"""

from __future__ import annotations

import gc
import signal
from pathlib import Path

import pytest

# Begun last, one of them would go on by itself when all else is done. `make test` gives files out in this order.
_LONG = ("triggers", "rehearsals", "infra", "operations", "ticketing", "twin/sweep", "twin/server", "readiness")
_TESTS = Path(__file__).parent


def pytest_configure() -> None:
    from leeward.twin.engine import keep_parsed_in

    keep_parsed_in(_TESTS.parent / "build" / "parsed")
    gc.set_threshold(50_000, 20, 50)
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as a shell starts what it puts into the background
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A stable sort: within a folder the order stays."""
    folders = [_TESTS / folder for folder in _LONG]

    def place(item: pytest.Item) -> int:
        return next((n for n, folder in enumerate(folders) if folder in item.path.parents), len(folders))

    items.sort(key=place)
