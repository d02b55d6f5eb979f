"""The same on the twin, as `make demo` serves it: its DNS, its health checks, its replication, on its own time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.paths import REPOSITORY
from tests.ticketing.chromium import DESKTOP, REQUIRES_CHROMIUM, create_ticket, open_page, save_screenshot, sign_in
from tests.ticketing.two_region_service import HOME_REGION, OTHER_REGION

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = REQUIRES_CHROMIUM
# Virtual seconds per real one: the health checks and the records' TTL take a minute of the twin's.
PACE = "10"


@pytest.fixture
def twin() -> Iterator[str]:
    """Where the page is."""
    command = [
        sys.executable, "-m", "leeward.cli.main", "twin", "serve", "ticketing",
        "--port", "0", "--page-port", "0", "--pace", PACE, "--json",
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            assert line, "the twin did not begin to serve"
            yield json.loads(line)["page"].rstrip("/")
        finally:
            server.terminate()


def test_region_taken_down_in_page_fails_over(browser: Browser, twin: str) -> None:
    page = open_page(browser, twin, DESKTOP)
    sign_in(page)
    create_ticket(page, "Before: my unicorn is late")
    first = page.locator("#tickets .ticket").filter(has_text="Before: my unicorn is late")
    first.filter(has_text=f"Written in {HOME_REGION}").wait_for()
    # The first write has had time to reach the other Region: replication takes a second of the twin's.
    page.wait_for_timeout(500)
    save_screenshot(page, "twin-1-before")

    page.get_by_role("button", name=f"Take {HOME_REGION} down").click()
    page.wait_for_selector(f'[data-region="{HOME_REGION}"][data-state="silent"]')
    # The button now does the opposite, and keeps the focus: whoever uses the keyboard is where they were.
    page.wait_for_selector(f'button:focus:has-text("Bring {HOME_REGION} back")')
    create_ticket(page, "Meanwhile: it rained in")
    assert first.is_visible()
    save_screenshot(page, "twin-2-dark")

    # Without an operator: health checks detect the outage, cached DNS answers expire, and stored requests are sent.
    second = page.locator("#tickets .ticket").filter(has_text="Meanwhile: it rained in")
    second.filter(has_text=f"Written in {OTHER_REGION}").wait_for()
    page.get_by_role("button", name="Refresh").click()
    page.wait_for_selector("#refresh:enabled")
    # The page reads the other Region's replica.
    assert f"Last answer: {OTHER_REGION}" in page.locator("#answered").inner_text()
    assert second.count() == first.count() == 1
    save_screenshot(page, "twin-3-after")

    page.get_by_role("button", name=f"Bring {HOME_REGION} back").click()
    page.wait_for_selector(f'[data-region="{HOME_REGION}"][data-state="healthy"]')
    page.wait_for_selector(f'button:has-text("Take {HOME_REGION} down")')
    page.context.close()
