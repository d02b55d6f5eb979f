"""The API in both Regions, in process, over a table of each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ticketing.two_region_service import POOLS, TicketingService, open_service


@pytest.fixture
def service() -> Iterator[TicketingService]:
    """Both Regions with empty tables."""
    with open_service() as made:
        yield made


@pytest.fixture(scope="session", autouse=True)
def _keys() -> None:
    # Making RSA keys is slow: once.
    assert POOLS
