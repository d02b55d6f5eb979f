"""A user of the page during a Region outage, in Chromium. Screenshots: build/ticketing/."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.ticketing.chromium import (
    DESKTOP,
    PHONE,
    REQUIRES_CHROMIUM,
    create_ticket,
    open_page,
    save_screenshot,
    sign_in,
)
from tests.ticketing.loopback_server import ServedService, serve_locally
from tests.ticketing.two_region_service import HOME_REGION, OTHER_REGION

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = REQUIRES_CHROMIUM


@pytest.fixture
def world() -> Iterator[tuple[str, ServedService]]:
    with serve_locally() as made:
        yield made


def test_page_continues_during_region_outage(browser: Browser, world: tuple[str, ServedService]) -> None:
    """On a phone; on the twin, at a desk: test_browser_on_twin.py."""
    base, behind = world
    page = open_page(browser, base, PHONE)
    sign_in(page)
    create_ticket(page, "Before: my unicorn is late")
    page.wait_for_selector("#tickets .ticket")
    assert f"Written in {HOME_REGION}" in page.locator("#tickets .ticket").inner_text()
    save_screenshot(page, "phone-1-before")

    behind.dark.add(HOME_REGION)
    create_ticket(page, "Meanwhile: it rained in")
    page.wait_for_selector(f'[data-region="{HOME_REGION}"][data-state="silent"]')
    # Nothing is lost while no Region answers: neither what was there nor what was written.
    assert "Before: my unicorn is late" in page.locator("#tickets").inner_text()
    assert "Meanwhile: it rained in" in page.locator("#unsent").inner_text()
    save_screenshot(page, "phone-2-dark")
    page.reload()
    page.wait_for_selector("#unsent .ticket")

    behind.leads_to = OTHER_REGION
    page.wait_for_selector("#unsent .ticket", state="detached")
    page.wait_for_selector("#tickets .ticket:nth-child(2)")
    output = page.locator("#tickets .ticket").all_inner_texts()
    assert f"Written in {OTHER_REGION}" in output[0]
    assert "Before: my unicorn is late" in output[1]
    assert f"Last answer: {OTHER_REGION}" in page.locator("#answered").inner_text()
    # However often it was sent, it is one.
    assert len([item for item in behind.service.items(OTHER_REGION) if not item["id"]["S"].startswith("#")]) == 2
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "the page scrolls sideways"
    save_screenshot(page, "phone-3-after")
    page.context.close()


def test_late_update_is_rejected_with_current_ticket(browser: Browser, world: tuple[str, ServedService]) -> None:
    base, _ = world
    first = open_page(browser, base, DESKTOP)
    sign_in(first)
    create_ticket(first, "The saddle squeaks")
    first.wait_for_selector("#tickets .ticket")
    second = open_page(browser, base, PHONE)
    sign_in(second)
    second.wait_for_selector("#tickets .ticket")

    for page in (first, second):
        page.get_by_role("button", name="Change the ticket").click()
    first.get_by_label("Status").select_option("closed")
    first.get_by_role("button", name="Save").click()
    first.wait_for_selector("dialog", state="hidden")
    assert "Closed" in first.locator("#tickets .ticket").inner_text()

    second.locator("#change-description").fill("The saddle squeaks, and badly")
    second.get_by_role("button", name="Save").click()
    second.locator("#change-error").filter(has_text="meanwhile").wait_for()
    assert second.locator("#change-description").input_value() == "The saddle squeaks, and badly"
    save_screenshot(second, "phone-4-changed-meanwhile")
    second.get_by_role("button", name="Save").click()
    second.wait_for_selector("dialog", state="hidden")
    assert "and badly" in second.locator("#tickets .ticket").inner_text()
    assert "Closed" in second.locator("#tickets .ticket").inner_text(), "what the other had changed was taken back"
    for page in (first, second):
        page.context.close()


def test_script_text_is_shown_as_text(browser: Browser, world: tuple[str, ServedService]) -> None:
    """The API refuses markup; the page would not execute it either, from wherever it came."""
    base, behind = world
    page = open_page(browser, base, DESKTOP)
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    sign_in(page)
    create_ticket(page, "<img src=x onerror=alert(1)>")
    assert "Plain text only" in page.locator("#new-description-error").inner_text()
    assert behind.service.items() == []

    create_ticket(page, "Harmless")
    page.wait_for_selector("#tickets .ticket")
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    item = next(found for found in behind.service.items() if not found["id"]["S"].startswith("#"))
    behind.service.replicate({**item, "description": {"S": hostile}}, to=HOME_REGION)
    page.get_by_role("button", name="Refresh").click()
    page.locator("#tickets .text").filter(has_text="onerror").wait_for()
    assert page.locator("#tickets .text").inner_text() == hostile
    assert page.locator("#tickets img, #tickets script").count() == 0
    page.context.close()


def test_page_works_with_keyboard_only(browser: Browser, world: tuple[str, ServedService]) -> None:
    base, _ = world
    page = open_page(browser, base, DESKTOP)
    sign_in(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.get_by_label("What is it about?").focus()
    page.keyboard.type("Typed")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#tickets .ticket")
    button = page.get_by_role("button", name="Change the ticket: Typed")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="hidden")
    assert "Change the ticket: Typed" in (page.evaluate("document.activeElement.getAttribute('aria-label')") or "")
    page.context.close()


def test_expired_session_keeps_unsent_ticket(browser: Browser, world: tuple[str, ServedService]) -> None:
    base, behind = world
    page = open_page(browser, base, PHONE)
    sign_in(page)
    page.evaluate(
        """() => {
            const kept = JSON.parse(sessionStorage.getItem("ticketing.session"));
            const [head, claims] = kept.token.split(".");
            sessionStorage.setItem("ticketing.session", JSON.stringify({...kept, token: `${head}.${claims}.forged`}));
        }"""
    )
    create_ticket(page, "Written too late in the day")
    page.get_by_role("button", name="Sign in").wait_for()
    assert "unsent tickets are kept" in page.locator("#notice").inner_text()
    assert behind.service.items() == []

    sign_in(page, "Ben")
    assert page.locator("#unsent .ticket").count() == 0, "another user's ticket"
    page.get_by_role("button", name="Sign out").click()
    sign_in(page)
    page.locator("#tickets .ticket").filter(has_text="Written too late").wait_for()
    assert len(behind.service.items()) == 1
    page.context.close()
