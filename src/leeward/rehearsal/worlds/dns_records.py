"""Creates the application's DNS: hosted zones, records, health checks, and routing controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from leeward.state_machines.application.application_document import Application, VariantName
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.route53_records import FailoverRecordsComponent, LatencyRecordsComponent
from leeward.state_machines.components.route53_weighted_records import WeightedRecordsComponent
from leeward.twin.aws.routing_control import RoutingControlSimulator
from leeward.twin.data_planes.route53 import SimulatedRoute53
from leeward.twin.internet.dns import DnsResolver

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client


class ApplicationDns:
    """The application's hosted zones and their current answers."""

    def __init__(
        self,
        application: Application,
        routing_controls: RoutingControlSimulator,
        route53: SimulatedRoute53,
        *,
        variant: VariantName | None = None,
    ) -> None:
        """`variant` is the routing variant to publish. By default, it is the one that the application uses."""
        routing = application.routing
        self.variant = variant or (routing.use if routing else None)
        self._application = application
        self._routing_controls = routing_controls
        self._route53 = route53
        self.health_checks = route53.health_checks
        self.resolver = route53.resolver

    def publish_records(self, route53: Route53Client, serving_region: str) -> None:
        """Create the zones, health checks, and records, which send users to `serving_region` at first."""
        for name, api in self._application.components_of_kind(RestApiComponent):
            self._create_health_checks(route53, name, api)
        for name, component in self._application.components_of_kind(RoutingControlsComponent):
            if self.is_component_active(name):
                self._create_control_records(route53, name, component, serving_region)
        for name, weighted in self._application.components_of_kind(WeightedRecordsComponent):
            if self.is_component_active(name):
                weights = {region: 100 if region == serving_region else 0 for region in weighted.values}
                self._create_regional_records(route53, weighted, lambda region: {"Weight": weights[region]})  # noqa: B023 - called immediately
        for name, failover in self._application.components_of_kind(FailoverRecordsComponent):
            if self.is_component_active(name):
                self._create_regional_records(
                    route53, failover, lambda region: {"Failover": self._failover_role(region)}
                )
        for name, latency in self._application.components_of_kind(LatencyRecordsComponent):
            if self.is_component_active(name):
                self._create_regional_records(route53, latency, lambda region: {"Region": region})

    def is_component_active(self, component: str) -> bool:
        """Return whether the component belongs to the published variant or to no variant."""
        routing = self._application.routing
        variant = routing.variant_by_component.get(component) if routing else None
        return variant is None or variant == self.variant

    def _failover_role(self, region: str) -> str:
        return "PRIMARY" if region == self._application.regions.primary else "SECONDARY"

    def _create_health_checks(self, route53: Route53Client, name: str, api: RestApiComponent) -> None:
        """Create each Region's health check with its ID in the document. It checks the API's name in that Region."""
        for region, health_check_id in api.health.ids.items():
            created_id = route53.create_health_check(
                CallerReference=f"{name} {region}",
                HealthCheckConfig={
                    "Type": "HTTPS",
                    "FullyQualifiedDomainName": f"{region}.{api.domain}",
                    "ResourcePath": api.health.path,
                    "RequestInterval": api.health.interval_seconds,
                    "FailureThreshold": api.health.threshold,
                },
            )["HealthCheck"]["Id"]
            self._route53.set_health_check_id(created_id, health_check_id)

    def routes_to(self, region: str) -> bool:
        """Return whether DNS sends users to `region` now. Resolvers can still cache older answers.

        If only routing controls decide, the result is their state. Otherwise, it also depends on health checks.
        """
        controlled = self.controlled_regions()
        if controlled is not None:
            return region in controlled
        return region in self._regions_of(self.resolver)

    def controlled_regions(self) -> frozenset[str] | None:
        """Return the Regions whose routing control is on. None if routing controls alone don't decide."""
        controls = [
            c
            for name, c in self._application.components_of_kind(RoutingControlsComponent)
            if self.is_component_active(name)
        ]
        if not any(component.health is None for component in controls):
            return None
        return frozenset(
            region
            for component in controls
            for region, arn in component.controls.items()
            if self._routing_controls.control_state(arn)[0] == "On"
        )

    def regions_in_answers(self) -> frozenset[str]:
        """Return the Regions that DNS can answer with, from the stored records and the present health."""
        return self._regions_of(self._route53.stored_records_resolver)

    def record_settings(self) -> frozenset[tuple[str, ...]]:
        """Return what the answers depend on, apart from the state of health checks."""
        return self._route53.record_settings()

    def _regions_of(self, resolver: DnsResolver) -> frozenset[str]:
        site = self._application.site
        if site is None:
            return frozenset()
        answers = resolver.possible_answers(urlsplit(site.url).hostname or "")
        return frozenset(region for region, endpoint in site.endpoints.items() if endpoint in answers)

    def record_weights(self) -> dict[str, int]:
        """Return the current weights of the published weighted records, by set identifier."""
        return self._route53.record_weights()

    def _create_control_records(
        self, route53: Route53Client, name: str, component: RoutingControlsComponent, serving: str
    ) -> None:
        self._routing_controls.seed_cluster(
            f"{self._application.application}-{name}",
            component.endpoints,
            {
                arn: "On" if region == serving or component.normally == "both" else "Off"
                for region, arn in component.controls.items()
            },
            names={arn: region for region, arn in component.controls.items()},
        )
        site = self._application.site
        if component.record is None or site is None:
            return
        zone = self._route53.create_hosted_zone(route53, component.record, component.hosted_zone)
        api = self._application.component(component.health, RestApiComponent) if component.health else None
        roles = dict(zip(self._application.regions.both, ("PRIMARY", "SECONDARY"), strict=True))
        for region, arn in component.controls.items():
            check = route53.create_health_check(
                CallerReference=arn,
                HealthCheckConfig={"Type": "RECOVERY_CONTROL", "RoutingControlArn": arn},
            )["HealthCheck"]["Id"]
            if api is not None:
                both = [check, api.health.ids[region]]
                check = route53.create_health_check(
                    CallerReference=f"{arn} and health",
                    HealthCheckConfig={"Type": "CALCULATED", "ChildHealthChecks": both, "HealthThreshold": len(both)},
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

    def _create_regional_records(
        self,
        route53: Route53Client,
        component: WeightedRecordsComponent | FailoverRecordsComponent | LatencyRecordsComponent,
        policy: Callable[[str], Mapping[str, object]],
    ) -> None:
        """Create a record per Region with the fields of its routing policy and its health check, if it has one."""
        self._route53.create_hosted_zone(route53, component.record, component.hosted_zone)
        api = self._application.component(component.health, RestApiComponent) if component.health else None
        for region, value in component.values.items():
            record: Any = {
                "Name": component.record,
                "Type": component.type,
                "SetIdentifier": component.set_identifiers[region],
                "TTL": int(component.ttl.total_seconds()),
                "ResourceRecords": [{"Value": value}],
                **policy(region),
            }
            if api is not None:
                record["HealthCheckId"] = api.health.ids[region]
            route53.change_resource_record_sets(
                HostedZoneId=component.hosted_zone,
                ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]},
            )
