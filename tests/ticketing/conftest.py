"""The API in both Regions, in process, over a table of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.ticketing.chromium import CHROMIUM, FLAGS
from tests.ticketing.service import POOLS, Service, a_service

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def service() -> Iterator[Service]:
    """Both Regions with empty tables."""
    with a_service() as made:
        yield made


@pytest.fixture(scope="session", autouse=True)
def _keys() -> None:
    # Making RSA keys is slow: once.
    assert POOLS
