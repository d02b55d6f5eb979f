"""The same on the twin, as `make demo` serves it: its DNS, its health checks, its replication, on its own time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.ticketing.chromium import DESKTOP, NEEDED, create, opened, picture, signed_in
from tests.ticketing.service import AWAY, HOME

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = NEEDED
ROOT = Path(__file__).parents[2]
# Virtual seconds per real one: the health checks and the records' TTL take a minute of the twin's.
PACE = "10"


@pytest.fixture
def twin() -> Iterator[str]:
    """Where the page is."""
    command = [
        sys.executable, "-m", "leeward.cli.main", "twin", "serve", "ticketing",
        "--port", "0", "--page-port", "0", "--pace", PACE, "--json",
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            assert line, "the twin did not begin to serve"
            yield json.loads(line)["page"].rstrip("/")
        finally:
            server.terminate()


def test_a_region_is_taken_down_at_the_page_and_the_other_one_takes_over(browser: Browser, twin: str) -> None:
    page = opened(browser, twin, DESKTOP)
    signed_in(page)
    create(page, "Before: my unicorn is late")
    first = page.locator("#tickets .ticket").filter(has_text="Before: my unicorn is late")
    first.filter(has_text=f"Written in {HOME}").wait_for()
    # The first write has had time to reach the other Region: replication takes a second of the twin's.
    page.wait_for_timeout(500)
    picture(page, "twin-1-before")

    page.get_by_role("button", name=f"Take {HOME} down").click()
    page.wait_for_selector(f'[data-region="{HOME}"][data-state="silent"]')
    # The button now does the opposite, and keeps the focus: whoever uses the keyboard is where they were.
    page.wait_for_selector(f'button:focus:has-text("Bring {HOME} back")')
    create(page, "Meanwhile: it rained in")
    assert first.is_visible()
    picture(page, "twin-2-dark")

    # Health checks find it, the records' answer grows old, and what was kept here is sent: nobody does anything.
    second = page.locator("#tickets .ticket").filter(has_text="Meanwhile: it rained in")
    second.filter(has_text=f"Written in {AWAY}").wait_for()
    page.get_by_role("button", name="Refresh").click()
    page.wait_for_selector("#refresh:enabled")
    # Read anew, from the other Region's replica.
    assert f"Last answer: {AWAY}" in page.locator("#answered").inner_text()
    assert second.count() == first.count() == 1
    picture(page, "twin-3-after")

    page.get_by_role("button", name=f"Bring {HOME} back").click()
    page.wait_for_selector(f'[data-region="{HOME}"][data-state="healthy"]')
    page.wait_for_selector(f'button:has-text("Take {HOME} down")')
    page.context.close()
