"""The API's names in a Region: the one that both Regions serve, and the Region's own; with a certificate for both."""

from __future__ import annotations

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_apigateway as gateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from constructs import Construct

from workloads.ticketing.infra.configuration.resource_names import TicketingNames

_TTL = Duration.minutes(5)


class ApiDomains(Construct):
    """Certificate, custom domains and base path mappings."""

    def __init__(
        self, scope: Construct, name: str, *, names: TicketingNames, region: str, api: gateway.RestApi
    ) -> None:
        super().__init__(scope, name)
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "zone", hosted_zone_id=names.zone.id, zone_name=names.zone.name
        )
        own = names.regional_domain(region)
        certificate = acm.Certificate(
            self,
            "certificate",
            domain_name=names.api.domain,
            subject_alternative_names=[own],
            validation=acm.CertificateValidation.from_dns(zone),
        )
        shared = self._create_domain("shared", names.api.domain, certificate, api)
        mine = self._create_domain("own", own, certificate, api)
        # Its own name leads to it alone, whatever the records of the shared one say.
        route53.CnameRecord(
            self, "own-record", zone=zone, record_name=own, domain_name=mine.domain_name_alias_domain_name, ttl=_TTL
        )
        # What application.yaml needs to know: `endpoints`, `values` and `certificates` of its components.
        CfnOutput(self, "Endpoint", value=shared.domain_name_alias_domain_name).override_logical_id("Endpoint")
        CfnOutput(self, "Certificate", value=certificate.certificate_arn).override_logical_id("CertificateArn")
        CfnOutput(self, "Api", value=api.rest_api_id).override_logical_id("ApiId")

    def _create_domain(
        self, name: str, domain: str, certificate: acm.Certificate, api: gateway.RestApi
    ) -> gateway.DomainName:
        made = gateway.DomainName(
            self,
            name,
            domain_name=domain,
            certificate=certificate,
            endpoint_type=gateway.EndpointType.REGIONAL,
            security_policy=gateway.SecurityPolicy.TLS_1_2,
        )
        # At the root, and the stage is in the mapping: the address has no /prod.
        gateway.BasePathMapping(self, f"{name}-mapping", domain_name=made, rest_api=api, stage=api.deployment_stage)
        return made
