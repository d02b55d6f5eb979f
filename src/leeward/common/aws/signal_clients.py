"""Cached AWS clients for what only informs people and systems: messages and events.

A run continues without them, so a service that doesn't respond must not hold a task for long. These clients have
shorter timeouts and fewer attempts than those of `common.aws.clients`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from botocore.config import Config

from leeward.base.client_timeouts import SIGNAL_CONNECT_SECONDS, SIGNAL_READ_SECONDS
from leeward.common.aws.sdk.session import sdk_session


def signal_client(service: str, region: str, *, attempts: int = 1) -> Any:
    """Return the cached client for `service` in `region`, which sends each call at most `attempts` times."""
    return cached_signal_client(service, region, attempts)


def create_signal_client(service: str, region: str, attempts: int) -> Any:
    """Create a client. It keeps the credentials of the time when it was created."""
    config = Config(
        connect_timeout=SIGNAL_CONNECT_SECONDS,
        read_timeout=SIGNAL_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    return sdk_session().create_client(service, region_name=region, config=config)


cached_signal_client = lru_cache(maxsize=16)(create_signal_client)
