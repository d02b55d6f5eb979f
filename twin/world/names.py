"""How users find the application: hosted zone, records, health checks, and the routing controls behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from moto.route53.models import route53_backends

from state_machines.components import RoutingControls, WeightedRecords
from state_machines.documents.application import Application
from twin.aws.health_checks import routing_control_of
from twin.aws.routing_control import RoutingControls as SimulatedControls
from twin.internet.dns import Dns, Record

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client

# From a routing control's change until Route 53's answers follow its health check. AWS names no figure; rehearsals
# show single seconds, and a pessimistic ten keeps the measured RTO honest.
PROPAGATION = timedelta(seconds=10)


class Names:
    """The application's zones, and the answers that follow from them."""

    def __init__(
        self, application: Application, controls: SimulatedControls, now: Callable[[], datetime], random: Random
    ) -> None:
        self._application = application
        self._controls = controls
        self._now = now
        self._began = now()
        self.dns = Dns(self._records, self._is_healthy, random)

    def publish(self, route53: Route53Client, serving: str) -> None:
        """Create zones, health checks and records; users are led to `serving`, the Region that serves at first."""
        for name, component in self._application.of_kind(RoutingControls):
            self._failover_records(route53, name, component, serving)
        for _, weighted in self._application.of_kind(WeightedRecords):
            self._weighted_records(route53, weighted, serving)

    def leads_to(self, region: str) -> bool:
        """Do the routing controls send users to `region` now? Resolvers may still hold older answers."""
        return any(
            self._controls.state_of(component.controls[region])[0] == "On"
            for _, component in self._application.of_kind(RoutingControls)
            if region in component.controls
        )

    def _failover_records(self, route53: Route53Client, name: str, component: RoutingControls, serving: str) -> None:
        self._controls.seed_cluster(
            f"{self._application.application}-{name}",
            component.endpoints,
            {arn: "On" if region == serving else "Off" for region, arn in component.controls.items()},
            names={arn: region for region, arn in component.controls.items()},
        )
        site = self._application.site
        if component.record is None or site is None:
            return
        zone = _zone(route53, self._application.account, component.record)
        roles = dict(zip(self._application.regions.both, ("PRIMARY", "SECONDARY"), strict=True))
        for region, arn in component.controls.items():
            check = route53.create_health_check(
                CallerReference=arn,
                HealthCheckConfig={"Type": "RECOVERY_CONTROL", "RoutingControlArn": arn},
            )["HealthCheck"]["Id"]
            route53.change_resource_record_sets(
                HostedZoneId=zone,
                ChangeBatch={
                    "Changes": [
                        {
                            "Action": "CREATE",
                            "ResourceRecordSet": {
                                "Name": component.record,
                                "Type": "CNAME",
                                "SetIdentifier": region,
                                "Failover": "PRIMARY" if roles[region] == "PRIMARY" else "SECONDARY",
                                "TTL": int(component.ttl.total_seconds()) if component.ttl else 60,
                                "ResourceRecords": [{"Value": site.endpoints[region]}],
                                "HealthCheckId": check,
                            },
                        }
                    ]
                },
            )

    def _weighted_records(self, route53: Route53Client, component: WeightedRecords, serving: str) -> None:
        _zone(route53, self._application.account, component.record, component.hosted_zone)
        for region, value in component.values.items():
            route53.change_resource_record_sets(
                HostedZoneId=component.hosted_zone,
                ChangeBatch={
                    "Changes": [
                        {
                            "Action": "CREATE",
                            "ResourceRecordSet": {
                                "Name": component.record,
                                "Type": component.type,
                                "SetIdentifier": component.set_identifiers[region],
                                "Weight": 100 if region == serving else 0,
                                "TTL": int(component.ttl.total_seconds()),
                                "ResourceRecords": [{"Value": value}],
                            },
                        }
                    ]
                },
            )

    def _records(self) -> Iterable[Record]:
        for zone in route53_backends[self._application.account]["aws"].zones.values():
            yield from zone.rrsets

    def _is_healthy(self, health_check_id: str) -> bool:
        found = routing_control_of(self._application.account, health_check_id)
        if found is None:
            return True
        arn, inverted = found
        state, since = self._controls.state_of(arn)
        settled = since <= self._began or self._now() >= since + PROPAGATION
        on = (state == "On") == settled
        return on != inverted


def _zone(route53: Route53Client, account: str, record: str, zone_id: str | None = None) -> str:
    """The hosted zone of the record's parent domain, with `zone_id` where a document names one."""
    domain = record.split(".", 1)[1]
    zone = route53.create_hosted_zone(Name=domain, CallerReference=f"{record} {zone_id}")["HostedZone"]["Id"]
    made = zone.rpartition("/")[2]
    if zone_id is None:
        return made
    zones = route53_backends[account]["aws"].zones
    zones[zone_id] = zones.pop(made)
    zones[zone_id].id = zone_id
    return zone_id
