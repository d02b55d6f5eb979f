"""For every test: what the twin parses is kept for the next run, the collector looks seldom, long files come first.

The twin makes millions of objects that live as long as its world; Python's defaults look through them all the time.
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import pytest

from tests.support.forked_tests import run_forked
from tests.support.paths import REPOSITORY

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Begun last, one of them would go on by itself when all else is done. `make test` gives files out in this order.
_LONG = ("rehearsals", "state_machines/replay", "infra", "rehearsal", "ticketing", "readiness", "drs")
_TESTS = Path(__file__).parent
_KEPT_BEFORE = pytest.StashKey[set[tuple[str, int]]]()


def pytest_configure() -> None:
    from leeward.rehearsal import task_clients
    from leeward.twin.engine import PATCHES, cache_definitions_in

    PATCHES.add(task_clients.use_separate_clients)
    cache_definitions_in(_TESTS.parent / "build" / "parsed")
    gc.set_threshold(50_000, 20, 50)
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as a shell starts what it puts into the background
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shard", default="1/1", help="Run a part of the test modules, such as 2/4.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep this shard's modules, and start the folders with long tests first. The sort is stable."""
    part, parts = (int(number) for number in config.getoption("--shard").split("/"))
    items[:] = [item for item in items if crc32(str(item.path.relative_to(_TESTS)).encode()) % parts == part - 1]
    folders = [_TESTS / folder for folder in _LONG]

    def place(item: pytest.Item) -> int:
        return next((n for n, folder in enumerate(folders) if folder in item.path.parents), len(folders))

    items.sort(key=place)


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.stash[_KEPT_BEFORE] = _kept_rehearsals()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the session when a test wrote to build/rehearsals: the user's board and reports would show it."""
    changed = sorted(_kept_rehearsals() - session.config.stash[_KEPT_BEFORE])
    if changed and not hasattr(session.config, "workerinput"):  # once, in the process that starts the workers
        names = ", ".join(name for name, _ in changed)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print(f"\nTests wrote to build/rehearsals: {names}. Give the rehearsal a temporary folder.")  # noqa: T201


def _kept_rehearsals() -> set[tuple[str, int]]:
    folder = REPOSITORY / "build" / "rehearsals"
    return {(path.name, path.stat().st_mtime_ns) for path in folder.glob("*")}


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test marked `forked` in a copy of this process."""
    if pyfuncitem.get_closest_marker("forked") is None:
        return None
    names = pyfuncitem._fixtureinfo.argnames
    run_forked(lambda: pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Of the names that the shell completes, one of the test's own; and the project as the current folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(REPOSITORY)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    from playwright.sync_api import sync_playwright  # only where a browser is wanted

    from tests.ticketing.chromium import CHROMIUM, FLAGS

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()
