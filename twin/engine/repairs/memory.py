"""What would otherwise stay in memory after a run."""

from __future__ import annotations

import functools
from typing import Any

from moto.core import base_backend
from moto.stepfunctions.parser import utils

from twin.engine.repairs.replacing import replace, replace_everywhere


class _Forgetful(list[Any]):
    """A list that keeps nothing."""

    def append(self, item: Any) -> None:
        del item


def ended_threads() -> None:
    """Raw moto keeps every thread that it ever started, and with it the whole run."""
    threads = utils.TMP_THREADS
    forgetful = _Forgetful()
    replace_everywhere(threads, forgetful)
    if utils.TMP_THREADS is threads:
        replace(utils, "TMP_THREADS", forgetful)


def ended_backends() -> None:
    """Raw moto caches a service's Regions under the backend that asked, so the last 128 backends stay in memory with
    all that is in them, and every run works the Regions out anew."""

    @functools.lru_cache(maxsize=512)
    def regions(service_name: str) -> tuple[str, ...]:
        session = base_backend.AccountSpecificBackend.get_session()
        return tuple(
            region
            for partition in session.get_available_partitions()
            for region in session.get_available_regions(service_name, partition_name=partition)
        )

    def generate_regions(self: Any, service_name: str) -> list[str]:
        del self
        return list(regions(service_name))

    replace(base_backend.AccountSpecificBackend, "_generate_regions", generate_regions)
