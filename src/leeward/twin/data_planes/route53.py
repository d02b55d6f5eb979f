"""Route 53's data plane: answers from the records in effect, and the health checks that they depend on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain
from random import Random
from typing import TYPE_CHECKING

from moto.route53.models import FakeZone, route53_backends

from leeward.twin.aws.moto_fixes.route53.route53_changes import complete_changes, records_in_effect
from leeward.twin.aws.moto_fixes.route53.route53_health_checks import routing_control_of
from leeward.twin.aws.routing_control import RoutingControlSimulator
from leeward.twin.engine import Engine
from leeward.twin.internet.dns import DnsRecord, DnsResolver
from leeward.twin.internet.health.health_check_timing import (
    CHECK_PERIOD,
    PROBE_TIMEOUT,
    RESPONSE_TIMEOUT,
    HealthCheckTiming,
)
from leeward.twin.internet.health.health_checks import HealthChecks, Route53HealthCheck
from leeward.twin.internet.http import Internet, NoResponse, Unreachable
from leeward.twin.realism.realism_settings import RealismPart, SeededDraws

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client

# Assumed: the shortest and the longest time from a routing control's change until Route 53's answers follow it. AWS
# publishes no figure.
CONTROL_PROPAGATION, LONGEST_CONTROL_PROPAGATION = timedelta(seconds=10), timedelta(seconds=15)
_FIRST_UNSUCCESSFUL = 400


class SimulatedRoute53:
    """The hosted zones of one account, with a resolver and health checks that read them from moto."""

    def __init__(self, engine: Engine, routing_controls: RoutingControlSimulator, internet: Internet) -> None:
        """Health checks send their probes through `internet`."""
        self._engine = engine
        self._account = engine.account
        self._routing_controls = routing_controls
        self._internet = internet
        self._now = engine.clock.now
        self._started_at = self._now()
        self._has_timing = engine.realism.has(RealismPart.HEALTH_CHECK_TIMING)
        self._draws = SeededDraws(engine.seed, "route53")
        # By routing control and time of its change.
        self._control_delays: dict[tuple[str, datetime], timedelta] = {}
        self.health_checks = HealthChecks(
            self._stored_health_checks,
            self._probe_endpoint,
            self._control_is_on,
            self._now,
            timing=HealthCheckTiming(engine.realism, self._draws),
            start_task=lambda action: engine.clock.call_later(0, action, name="health check"),
        )
        random = Random(f"{engine.seed}|dns")  # noqa: S311 - for a simulation, not for secrets
        self.resolver = DnsResolver(self._records_in_effect, self.health_checks.is_healthy, random)
        # Answers from the stored records, as if every change had propagated. Ask it only for `possible_answers`, which
        # draws no random number.
        self.stored_records_resolver = DnsResolver(self._stored_records, self.health_checks.is_healthy, random)

    def start_health_checks(self) -> None:
        """Probe the endpoints of health checks from now on."""
        seconds = CHECK_PERIOD.total_seconds()
        self._engine.clock.call_every(
            seconds, self.health_checks.check_due_endpoints, name="health checks", inline=True
        )

    def record_weights(self) -> dict[str, int]:
        """Return the stored weight of each weighted record, by set identifier. DNS answers may still follow another."""
        return {str(r.set_identifier): int(r.weight) for r in self._stored_records() if r.weight is not None}

    def record_settings(self) -> frozenset[tuple[str, ...]]:
        """Return what the answers from the stored records depend on, apart from the state of health checks."""
        return frozenset(
            (
                r.name, r.type, *map(str, (r.set_identifier, r.weight, r.failover, r.region, r.ttl, r.health_check_id)),
                *map(str, r.records), *sorted(map(str, (r.alias_target or {}).values())),
            )
            for r in self._stored_records()
        )  # fmt: skip

    def complete_changes(self) -> None:
        """Make all stored records effective now, because they were created before the simulation starts."""
        complete_changes(self._account)

    def set_health_check_id(self, created: str, wanted: str) -> None:
        """Replace the ID that moto generated for a health check with the one that a document names."""
        checks = route53_backends[self._account]["aws"].health_checks
        checks[wanted] = checks.pop(created)
        checks[wanted].id = wanted

    def create_hosted_zone(self, route53: Route53Client, record: str, zone_id: str | None = None) -> str:
        """Create the hosted zone of the record's parent domain, with `zone_id` where a document names one."""
        domain = record.split(".", 1)[1]
        zone = route53.create_hosted_zone(Name=domain, CallerReference=f"{record} {zone_id}")["HostedZone"]["Id"]
        created = zone.rpartition("/")[2]
        if zone_id is None:
            return created
        zones = route53_backends[self._account]["aws"].zones
        zones[zone_id] = zones.pop(created)
        zones[zone_id].resource_id = zone_id
        return zone_id

    def _stored_health_checks(self) -> list[Route53HealthCheck]:
        return list(route53_backends[self._account]["aws"].health_checks.values())

    def _zones(self) -> list[FakeZone]:
        return list(route53_backends[self._account]["aws"].zones.values())

    def _stored_records(self) -> Iterable[DnsRecord]:
        return chain.from_iterable(zone.rrsets for zone in self._zones())

    def _records_in_effect(self) -> Iterable[DnsRecord]:
        return chain.from_iterable(records_in_effect(zone) for zone in self._zones())

    def _control_is_on(self, health_check_id: str) -> bool:
        found = routing_control_of(self._account, health_check_id)
        if found is None:
            return True
        arn, inverted = found
        state, since = self._routing_controls.control_state(arn)
        settled = since <= self._started_at or self._now() >= since + self._control_delay(arn, since)
        on = (state == "On") == settled
        return on != inverted

    def _control_delay(self, arn: str, changed_at: datetime) -> timedelta:
        if not self._has_timing:
            return CONTROL_PROPAGATION
        if (arn, changed_at) not in self._control_delays:
            extra = (LONGEST_CONTROL_PROPAGATION - CONTROL_PROPAGATION) * self._draws.uniform(arn, 0, 1)
            self._control_delays[arn, changed_at] = CONTROL_PROPAGATION + extra
        return self._control_delays[arn, changed_at]

    def _probe_endpoint(self, host: str, path: str) -> bool:
        """Return whether an endpoint passes a probe, and let the probe's time pass."""
        sent_at = self._now()
        try:
            response = self._internet.get(host, path)
        except NoResponse:
            if self._has_timing:
                remaining = PROBE_TIMEOUT - (self._now() - sent_at)
                self._engine.clock.sleep(max(0.0, remaining.total_seconds()))
            return False
        except Unreachable:
            return False
        return response.status < _FIRST_UNSUCCESSFUL and self._now() - sent_at <= RESPONSE_TIMEOUT
