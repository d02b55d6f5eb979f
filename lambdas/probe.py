"""Lambda task that probes the origin from another Region every minute and puts the metrics that the alarm uses.

When a signal can't be measured, because a call is denied or a service doesn't respond, the task puts no value. The
alarm treats a missing value as healthy. A page that doesn't respond is a measured failure and puts a value.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from leeward.common.errors import LeewardError
from leeward.drs.inventory import server_groups
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import DetailResult
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry import cloudwatch_metrics
from leeward.traffic.checks import http_checks


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class HttpProbe(_Model):
    """A probe that requests the site's pages."""

    name: str
    kind: Literal["http"]
    checks: tuple[http_checks.PageCheck, ...] = Field(min_length=1)
    seconds: PositiveInt


class ReplicationProbe(_Model):
    """A probe of the replication lag."""

    name: str
    kind: Literal["replication"]
    groups: tuple[ServerGroup, ...] = Field(min_length=1)
    lag_seconds: PositiveInt


class ProbeEvent(_Model):
    """The signals to probe, and the Region of their alarm."""

    application: str
    runbook: str
    metrics_region: str
    signals: tuple[Annotated[HttpProbe | ReplicationProbe, Field(discriminator="kind")], ...]


@task(ProbeEvent)
def handler(event: ProbeEvent, context: TaskContext) -> DetailResult:
    """Probe each signal and put its metric. Then raise the last error of the signals that could not be measured."""
    values: dict[tuple[tuple[str, str], ...], float] = {}
    notes: list[str] = []
    last_error: LeewardError | None = None
    for signal in event.signals:
        try:
            healthy = (
                _are_pages_healthy(signal) if isinstance(signal, HttpProbe) else _is_replication_recent(signal, context)
            )
        except LeewardError as error:
            last_error = error
            continue
        if healthy is not None:
            values[_dimensions(event, signal.name)] = float(healthy)
        notes.append(f"{signal.name}: {'unknown' if healthy is None else 'healthy' if healthy else 'unhealthy'}")
    cloudwatch_metrics.put_metric(event.metrics_region, "Healthy", values)
    if last_error is not None:
        raise last_error
    return DetailResult(detail=", ".join(notes))


def _are_pages_healthy(signal: HttpProbe) -> bool:
    return all(http_checks.run_check(check, signal.seconds).passed for check in signal.checks)


def _is_replication_recent(signal: ReplicationProbe, context: TaskContext) -> bool | None:
    """Return whether the lag is within the limit. None if DRS reports no lag, as during the initial sync."""
    lags: list[timedelta] = []
    for group in signal.groups:
        servers = server_groups.resolve_group(context.clients().drs, group, context.region)
        lags += [server.replication.lag for server in servers if server.replication.lag is not None]
    return max(lags) <= timedelta(seconds=signal.lag_seconds) if lags else None


def _dimensions(event: ProbeEvent, signal: str) -> tuple[tuple[str, str], ...]:
    return ("Application", event.application), ("Runbook", event.runbook), ("Signal", signal)
