"""Chromium, and what a person does at the page."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.paths import REPOSITORY
from tests.ticketing.two_region_service import OTHER_REGION

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = REPOSITORY / "build" / "ticketing"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
# Real time; a machine that runs every test at once is slow.
TIMEOUT_MS = 40_000
REQUIRES_CHROMIUM = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on the PATH: install the package `chromium`, or name one in CHROMIUM"
)


def open_page(browser: Browser, base: str, size: dict[str, int]) -> Page:
    """The page, with every defect that the browser tells of as a failure."""
    context = browser.new_context(viewport=size, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    page.on("pageerror", lambda error: pytest.fail(f"the page broke: {error}"))
    page.goto(f"{base}/")
    page.wait_for_selector(f'[data-region="{OTHER_REGION}"][data-state="healthy"]')
    return page


def sign_in(page: Page, person: str = "Ada") -> None:
    """Through the hosted page, and back."""
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=f"as {person}").click()
    page.wait_for_selector("#desk:visible")


def create_ticket(page: Page, text: str) -> None:
    """Write a ticket and send it."""
    page.get_by_label("What is it about?").fill(text)
    page.get_by_role("button", name="Create ticket").click()


def save_screenshot(page: Page, name: str) -> None:
    """To be looked at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
