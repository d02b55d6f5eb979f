"""A person at the page while a Region goes dark, in Chromium. Pictures: build/ticketing/."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.ticketing.chromium import DESKTOP, NEEDED, PHONE, create, opened, picture, signed_in
from tests.ticketing.loopback import World, served
from tests.ticketing.service import AWAY, HOME

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = NEEDED


@pytest.fixture
def world() -> Iterator[tuple[str, World]]:
    with served() as made:
        yield made


def test_a_region_goes_dark_and_the_page_goes_on(browser: Browser, world: tuple[str, World]) -> None:
    """On a phone; on the twin, at a desk: test_browser_on_twin.py."""
    base, behind = world
    page = opened(browser, base, PHONE)
    signed_in(page)
    create(page, "Before: my unicorn is late")
    page.wait_for_selector("#tickets .ticket")
    assert f"Written in {HOME}" in page.locator("#tickets .ticket").inner_text()
    picture(page, "phone-1-before")

    behind.dark.add(HOME)
    create(page, "Meanwhile: it rained in")
    page.wait_for_selector(f'[data-region="{HOME}"][data-state="silent"]')
    # Nothing is lost while no Region answers: neither what was there nor what was written.
    assert "Before: my unicorn is late" in page.locator("#tickets").inner_text()
    assert "Meanwhile: it rained in" in page.locator("#unsent").inner_text()
    picture(page, "phone-2-dark")
    page.reload()
    page.wait_for_selector("#unsent .ticket")

    behind.leads_to = AWAY
    page.wait_for_selector("#unsent .ticket", state="detached")
    page.wait_for_selector("#tickets .ticket:nth-child(2)")
    told = page.locator("#tickets .ticket").all_inner_texts()
    assert f"Written in {AWAY}" in told[0]
    assert "Before: my unicorn is late" in told[1]
    assert f"Last answer: {AWAY}" in page.locator("#answered").inner_text()
    # However often it was sent, it is one.
    assert len([item for item in behind.service.stored(AWAY) if not item["id"]["S"].startswith("#")]) == 2
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "the page scrolls sideways"
    picture(page, "phone-3-after")
    page.context.close()


def test_an_update_and_one_that_came_too_late(browser: Browser, world: tuple[str, World]) -> None:
    base, _ = world
    first = opened(browser, base, DESKTOP)
    signed_in(first)
    create(first, "The saddle squeaks")
    first.wait_for_selector("#tickets .ticket")
    second = opened(browser, base, PHONE)
    signed_in(second)
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
    picture(second, "phone-4-changed-meanwhile")
    second.get_by_role("button", name="Save").click()
    second.wait_for_selector("dialog", state="hidden")
    assert "and badly" in second.locator("#tickets .ticket").inner_text()
    assert "Closed" in second.locator("#tickets .ticket").inner_text(), "what the other had changed was taken back"
    for page in (first, second):
        page.context.close()


def test_what_looks_like_a_script_is_shown_as_text(browser: Browser, world: tuple[str, World]) -> None:
    """The API refuses markup; the page would not execute it either, from wherever it came."""
    base, behind = world
    page = opened(browser, base, DESKTOP)
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    signed_in(page)
    create(page, "<img src=x onerror=alert(1)>")
    assert "Plain text only" in page.locator("#new-description-error").inner_text()
    assert behind.service.stored() == []

    create(page, "Harmless")
    page.wait_for_selector("#tickets .ticket")
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    item = next(found for found in behind.service.stored() if not found["id"]["S"].startswith("#"))
    behind.service.replicate({**item, "description": {"S": hostile}}, to=HOME)
    page.get_by_role("button", name="Refresh").click()
    page.locator("#tickets .text").filter(has_text="onerror").wait_for()
    assert page.locator("#tickets .text").inner_text() == hostile
    assert page.locator("#tickets img, #tickets script").count() == 0
    page.context.close()


def test_it_can_be_used_with_the_keyboard_alone(browser: Browser, world: tuple[str, World]) -> None:
    base, _ = world
    page = opened(browser, base, DESKTOP)
    signed_in(page)
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


def test_a_session_that_has_ended_loses_no_ticket(browser: Browser, world: tuple[str, World]) -> None:
    base, behind = world
    page = opened(browser, base, PHONE)
    signed_in(page)
    page.evaluate(
        """() => {
            const kept = JSON.parse(sessionStorage.getItem("ticketing.session"));
            const [head, claims] = kept.token.split(".");
            sessionStorage.setItem("ticketing.session", JSON.stringify({...kept, token: `${head}.${claims}.forged`}));
        }"""
    )
    create(page, "Written too late in the day")
    page.get_by_role("button", name="Sign in").wait_for()
    assert "unsent tickets are kept" in page.locator("#notice").inner_text()
    assert behind.service.stored() == []

    signed_in(page, "Ben")
    assert page.locator("#unsent .ticket").count() == 0, "another user's ticket"
    page.get_by_role("button", name="Sign out").click()
    signed_in(page)
    page.locator("#tickets .ticket").filter(has_text="Written too late").wait_for()
    assert len(behind.service.stored()) == 1
    page.context.close()
