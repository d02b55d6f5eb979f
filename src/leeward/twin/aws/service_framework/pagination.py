"""Pages of a list, for operations with a page size and a token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from leeward.twin.aws.service_framework.service_plugin import ValidationException

T = TypeVar("T")
# Small, so that a caller that reads only the first page is found out early.
DEFAULT_PAGE = 50


def paginate(
    items: Sequence[T], key: Callable[[T], str], token: str | None, size: int | None
) -> tuple[list[T], str | None]:
    """The page after `token` and the token of the next, None on the last.

    A token names the last item seen, not an offset: an item that appears meanwhile neither repeats nor hides another.
    Raises ValidationException for a token that names no item.
    """
    start = 0
    if token:
        keys = [key(item) for item in items]
        if token not in keys:
            raise ValidationException(f"Invalid pagination token {token!r}")
        start = keys.index(token) + 1
    end = start + (size or DEFAULT_PAGE)
    part = list(items[start:end])
    return part, key(part[-1]) if end < len(items) else None
