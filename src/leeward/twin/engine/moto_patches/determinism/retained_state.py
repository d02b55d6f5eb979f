"""Releases the memory and resets the state that moto and botocore would keep after a run."""

from __future__ import annotations

import functools
from typing import Any

from botocore.retries import quota
from moto.core import base_backend
from moto.stepfunctions.parser import utils

from leeward.twin.engine.scheduling.current_scheduler import current_scheduler_or_none
from leeward.twin.engine.scheduling.task_scheduler import TaskScheduler
from leeward.twin.patching.attribute_replacement import replace_attribute
from leeward.twin.patching.interpreter_modules import replace_in_interpreter


class _DiscardingList(list[Any]):
    """A list that discards what is appended."""

    def append(self, item: Any) -> None:
        del item


def release_ended_threads() -> None:
    """Discard ended threads. Unpatched moto keeps every thread that it ever started, and with it the whole run."""
    threads = utils.TMP_THREADS
    discarding = _DiscardingList()
    replace_in_interpreter(threads, discarding)
    if utils.TMP_THREADS is threads:
        replace_attribute(utils, "TMP_THREADS", discarding)


def release_ended_backends() -> None:
    """Cache a service's Regions by the name of the service.

    Unpatched moto caches them by the backend that requests them. The last 128 backends stay in memory with all their
    contents, and every run computes the Regions again.
    """

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

    replace_attribute(base_backend.AccountSpecificBackend, "_generate_regions", generate_regions)


def reset_retry_quotas() -> None:
    """Reset the retry quota of botocore clients at the start of each run.

    botocore, on which moto builds, gives each client a quota of retries, and only successful calls refill it. A client
    outlives a run. Without the patch, the retries that a Region outage uses up in one run are missing in the next,
    whose calls are tried once.
    """

    class Quota(quota.RetryQuota):
        _run: TaskScheduler | None = None

        def acquire(self, capacity_amount: int) -> bool:
            run = current_scheduler_or_none()
            if run is not self._run:
                self._run, self._available_capacity = run, self.INITIAL_CAPACITY
            return super().acquire(capacity_amount)

    replace_attribute(quota, "RetryQuota", Quota)
