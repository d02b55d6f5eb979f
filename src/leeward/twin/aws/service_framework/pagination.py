"""Pagination for operations with a page size and a token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from leeward.twin.aws.service_framework.service_plugin import ValidationException

T = TypeVar("T")
# Small, so that tests detect a caller that reads only the first page.
DEFAULT_PAGE = 50


def paginate(
    items: Sequence[T], key: Callable[[T], str], token: str | None, size: int | None
) -> tuple[list[T], str | None]:
    """Return the page after `token` and the token of the next page, or None after the last page.

    A token is the key of the last item on a page, not an offset. An item that is added between two calls therefore
    doesn't repeat or hide another item.
    Raises ValidationException when no item has the key `token`.
    """
    start = 0
    if token:
        keys = [key(item) for item in items]
        if token not in keys:
            raise ValidationException(f"Invalid pagination token {token!r}")
        start = keys.index(token) + 1
    end = start + (size or DEFAULT_PAGE)
    page = list(items[start:end])
    return page, key(page[-1]) if end < len(items) else None
