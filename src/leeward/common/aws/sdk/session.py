"""The botocore session that all cached clients are created from. It keeps the credentials that it found first."""

from __future__ import annotations

from functools import lru_cache

import botocore.session


def sdk_session() -> botocore.session.Session:
    """Return the session, and create it the first time."""
    return cached_session()


cached_session = lru_cache(maxsize=1)(botocore.session.get_session)
