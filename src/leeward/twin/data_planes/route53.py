"""Route 53's data plane: answers from the stored records, and the health checks that they depend on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from moto.route53.models import route53_backends

from leeward.twin.aws.moto_fixes.route53_health_checks import routing_control_of
from leeward.twin.aws.routing_control import RoutingControlSimulator
from leeward.twin.internet.dns import DnsRecord, DnsResolver
from leeward.twin.internet.health_checks import HealthChecks, Route53HealthCheck

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client

# The time from a routing control's change until Route 53's answers follow its health check. AWS publishes no figure.
# Rehearsals show single seconds. A pessimistic ten seconds keeps the measured RTO honest.
CONTROL_PROPAGATION = timedelta(seconds=10)


class SimulatedRoute53:
    """The hosted zones of one account, with a resolver and health checks that read them from moto."""

    def __init__(
        self,
        account: str,
        routing_controls: RoutingControlSimulator,
        now: Callable[[], datetime],
        random: Random,
        probe: Callable[[str, str], bool],
    ) -> None:
        """`probe(host, path)` returns whether an endpoint passes a health check now."""
        self._account = account
        self._routing_controls = routing_controls
        self._now = now
        self._started_at = now()
        self.health_checks = HealthChecks(self._stored_health_checks, probe, self._control_is_on, now)
        self.resolver = DnsResolver(self._stored_records, self.health_checks.is_healthy, random)

    def record_weights(self) -> dict[str, int]:
        """Return the present weight of each weighted record, by set identifier."""
        return {str(r.set_identifier): int(r.weight) for r in self._stored_records() if r.weight is not None}

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

    def _stored_records(self) -> Iterable[DnsRecord]:
        for zone in route53_backends[self._account]["aws"].zones.values():
            yield from zone.rrsets

    def _control_is_on(self, health_check_id: str) -> bool:
        found = routing_control_of(self._account, health_check_id)
        if found is None:
            return True
        arn, inverted = found
        state, since = self._routing_controls.control_state(arn)
        settled = since <= self._started_at or self._now() >= since + CONTROL_PROPAGATION
        on = (state == "On") == settled
        return on != inverted
