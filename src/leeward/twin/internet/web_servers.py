"""The software on the simulated EC2 instances: which pages an instance serves, and what it needs to serve them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

OK, NOT_FOUND, UNAVAILABLE = 200, 404, 503


@dataclass(frozen=True, slots=True)
class ServerSoftware:
    """The software of one group's servers.

    `pages` contains the text of each path. `required_groups` are groups of the same Region that the software needs.
    """

    group: str
    pages: Mapping[str, str] = field(default_factory=dict)
    required_groups: tuple[str, ...] = ()
    boot_time: timedelta = timedelta(seconds=60)


class ServingInstance(Protocol):
    """The part of an EC2 instance that matters here."""

    @property
    def id(self) -> str: ...
    @property
    def running_since(self) -> datetime | None:
        """Return the start time, or None while the instance does not run."""
        ...

    @property
    def group(self) -> str | None:
        """Return the component to which the instance belongs."""
        ...


@dataclass(frozen=True, slots=True)
class PageResponse:
    """An HTTP response."""

    status: int
    body: str


class WebServers:
    """Serves pages for the instances of every Region. `instances(region)` lists the instances that exist now."""

    def __init__(
        self,
        software: Iterable[ServerSoftware],
        instances: Callable[[str], Iterable[ServingInstance]],
        now: Callable[[], datetime],
    ) -> None:
        self._software = {s.group: s for s in software}
        self._instances = instances
        self._now = now

    def serve_page(self, region: str, instance_id: str, path: str) -> PageResponse | None:
        """Return the instance's response, or None if nothing listens (not running, booting, or unknown)."""
        instance = next((i for i in self._instances(region) if i.id == instance_id), None)
        software = self._software.get(instance.group or "") if instance else None
        if instance is None or software is None or not self._is_up(instance, software):
            return None
        missing = [group for group in software.required_groups if not self.is_group_up(region, group)]
        if missing:
            return PageResponse(UNAVAILABLE, f"cannot reach {', '.join(missing)}")
        if path not in software.pages:
            return PageResponse(NOT_FOUND, "no such page")
        return PageResponse(OK, software.pages[path])

    def is_healthy(self, region: str, instance_id: str) -> bool:
        """Return whether the instance serves a page, as a load balancer's health check finds it."""
        instance = next((i for i in self._instances(region) if i.id == instance_id), None)
        software = self._software.get(instance.group or "") if instance else None
        if software is None:
            return False
        page = self.serve_page(region, instance_id, next(iter(software.pages), "/"))
        return page is not None and page.status == OK

    def is_group_up(self, region: str, group: str) -> bool:
        """Return whether any server of `group` in `region` runs and has booted."""
        software = self._software.get(group)
        return software is not None and any(
            i.group == group and self._is_up(i, software) for i in self._instances(region)
        )

    def _is_up(self, instance: ServingInstance, software: ServerSoftware) -> bool:
        since = instance.running_since
        return since is not None and self._now() >= since + software.boot_time
