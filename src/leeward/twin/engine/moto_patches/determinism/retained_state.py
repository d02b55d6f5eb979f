"""What would otherwise stay in memory after a run."""

from __future__ import annotations

import functools
from typing import Any

from botocore.retries import quota
from moto.core import base_backend
from moto.stepfunctions.parser import utils

from leeward.twin.engine.host_process.attribute_patching import replace_attribute, replace_in_interpreter
from leeward.twin.engine.scheduling.current_scheduler import current_scheduler_or_none
from leeward.twin.engine.scheduling.task_scheduler import TaskScheduler


class _DiscardingList(list[Any]):
    """A list that keeps nothing."""

    def append(self, item: Any) -> None:
        del item


def release_ended_threads() -> None:
    """Raw moto keeps every thread that it ever started, and with it the whole run."""
    threads = utils.TMP_THREADS
    forgetful = _DiscardingList()
    replace_in_interpreter(threads, forgetful)
    if utils.TMP_THREADS is threads:
        replace_attribute(utils, "TMP_THREADS", forgetful)


def release_ended_backends() -> None:
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

    replace_attribute(base_backend.AccountSpecificBackend, "_generate_regions", generate_regions)


def reset_retry_quotas() -> None:
    """botocore, on which raw moto builds, gives each client a quota of retries that only calls that succeed give back.
    A client outlives a run, so what a dark Region took of it in one run the next lacks: its calls are tried once."""

    class Quota(quota.RetryQuota):
        _run: TaskScheduler | None = None

        def acquire(self, capacity_amount: int) -> bool:
            run = current_scheduler_or_none()
            if run is not self._run:
                self._run, self._available_capacity = run, self.INITIAL_CAPACITY
            return super().acquire(capacity_amount)

    replace_attribute(quota, "RetryQuota", Quota)
