"""Looks at the origin from outside of it, every minute, and puts what it saw into the metrics that the alarm stands on.

What cannot be known (a call that is denied, a service that does not answer) gives no figure: the alarm takes a missing
figure for a healthy one. A page that does not answer is the very thing that is looked for, and is a figure.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from leeward.common.errors import LeewardError
from leeward.drs.inventory import server_groups
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.lambdas.runtime.invocation.events import DetailResult
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry import cloudwatch_metrics
from leeward.traffic.checks import http_checks


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HttpProbe(_Model):
    """The site's pages."""

    name: str
    kind: Literal["http"]
    checks: tuple[http_checks.PageCheck, ...] = Field(min_length=1)
    seconds: PositiveInt


class ReplicationProbe(_Model):
    """The age of the newest data that has arrived."""

    name: str
    kind: Literal["replication"]
    groups: tuple[ServerGroup, ...] = Field(min_length=1)
    lag_seconds: PositiveInt


class ProbeEvent(_Model):
    """What to look at, and in which Region its alarm is."""

    application: str
    runbook: str
    metrics_region: str
    signals: tuple[Annotated[HttpProbe | ReplicationProbe, Field(discriminator="kind")], ...]


@task(ProbeEvent)
def handler(event: ProbeEvent, context: TaskContext) -> DetailResult:
    """Look at each signal. Raises the last error of those that could not be looked at, once the others are put."""
    figures: dict[tuple[tuple[str, str], ...], float] = {}
    seen: list[str] = []
    trouble: LeewardError | None = None
    for signal in event.signals:
        try:
            healthy = (
                _are_pages_healthy(signal) if isinstance(signal, HttpProbe) else _is_replication_recent(signal, context)
            )
        except LeewardError as error:
            trouble = error
            continue
        if healthy is not None:
            figures[_dimensions(event, signal.name)] = float(healthy)
        seen.append(f"{signal.name}: {'unknown' if healthy is None else 'healthy' if healthy else 'unhealthy'}")
    cloudwatch_metrics.put_metric(event.metrics_region, "Healthy", figures)
    if trouble is not None:
        raise trouble
    return DetailResult(detail=", ".join(seen))


def _are_pages_healthy(signal: HttpProbe) -> bool:
    return all(http_checks.run_check(check, signal.seconds).passed for check in signal.checks)


def _is_replication_recent(signal: ReplicationProbe, context: TaskContext) -> bool | None:
    """None where DRS tells the lag of no server: it does not while one is copied for the first time."""
    lags: list[timedelta] = []
    for group in signal.groups:
        found = server_groups.resolve_group(context.clients().drs, group, context.region)
        lags += [server.replication.lag for server in found if server.replication.lag is not None]
    return max(lags) <= timedelta(seconds=signal.lag_seconds) if lags else None


def _dimensions(event: ProbeEvent, signal: str) -> tuple[tuple[str, str], ...]:
    return ("Application", event.application), ("Runbook", event.runbook), ("Signal", signal)
