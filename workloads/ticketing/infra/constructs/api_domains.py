"""The API's domains in a Region: the shared one and the Region's own, with a certificate for both."""

from __future__ import annotations

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_apigateway as gateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from constructs import Construct

from workloads.ticketing.infra.configuration.resource_names import TicketingNames

_TTL = Duration.minutes(5)


class ApiDomains(Construct):
    """The certificate, the custom domains, and the base path mappings."""

    def __init__(
        self, scope: Construct, name: str, *, names: TicketingNames, region: str, api: gateway.RestApi
    ) -> None:
        super().__init__(scope, name)
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "zone", hosted_zone_id=names.zone.id, zone_name=names.zone.name
        )
        regional_domain = names.regional_domain(region)
        certificate = acm.Certificate(
            self,
            "certificate",
            domain_name=names.api.domain,
            subject_alternative_names=[regional_domain],
            validation=acm.CertificateValidation.from_dns(zone),
        )
        shared = self._create_domain("shared", names.api.domain, certificate, api)
        regional = self._create_domain("own", regional_domain, certificate, api)
        # The Region's own domain always leads to this Region, whatever the records of the shared domain are.
        route53.CnameRecord(
            self,
            "own-record",
            zone=zone,
            record_name=regional_domain,
            domain_name=regional.domain_name_alias_domain_name,
            ttl=_TTL,
        )
        # The values that application.yaml needs: `endpoints`, `values` and `certificates` of its components.
        CfnOutput(self, "Endpoint", value=shared.domain_name_alias_domain_name).override_logical_id("Endpoint")
        CfnOutput(self, "Certificate", value=certificate.certificate_arn).override_logical_id("CertificateArn")
        CfnOutput(self, "Api", value=api.rest_api_id).override_logical_id("ApiId")

    def _create_domain(
        self, name: str, domain: str, certificate: acm.Certificate, api: gateway.RestApi
    ) -> gateway.DomainName:
        domain_name = gateway.DomainName(
            self,
            name,
            domain_name=domain,
            certificate=certificate,
            endpoint_type=gateway.EndpointType.REGIONAL,
            security_policy=gateway.SecurityPolicy.TLS_1_2,
        )
        # The mapping is at the root and selects the stage, so the address has no /prod.
        gateway.BasePathMapping(
            self, f"{name}-mapping", domain_name=domain_name, rest_api=api, stage=api.deployment_stage
        )
        return domain_name
