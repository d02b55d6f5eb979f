"""`ticketing-page`: CloudFront in front of both Regions' buckets, with the page's response headers."""

from __future__ import annotations

from aws_cdk import Acknowledgment, App, CfnOutput, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from aws_cdk import aws_s3 as s3

from workloads.ticketing import page_files
from workloads.ticketing.infra.configuration.resource_names import GLOBAL_REGION, TicketingNames


class PageStack(Stack):
    """The distribution. It is in us-east-1, where CloudFront's certificates must be. Serving the page doesn't depend on
    that Region.
    """

    def __init__(self, app: App, names: TicketingNames) -> None:
        super().__init__(
            app,
            "ticketing-page",
            description="Ticketing: the page, served by CloudFront from both Regions' buckets",
            env=names.environment(GLOBAL_REGION),
            termination_protection=True,
        )
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "zone", hosted_zone_id=names.zone.id, zone_name=names.zone.name
        )
        distribution = cloudfront.Distribution(
            self,
            "distribution",
            comment="Ticketing: the page",
            domain_names=[names.page_domain],
            certificate=acm.Certificate(
                self,
                "certificate",
                domain_name=names.page_domain,
                validation=acm.CertificateValidation.from_dns(zone),
            ),
            default_root_object="index.html",
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass.PRICE_CLASS_ALL,
            enable_logging=True,
            log_bucket=self._create_log_bucket(names),
            default_behavior=cloudfront.BehaviorOptions(
                origin=self._create_origins(names),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
                response_headers_policy=self._create_headers_policy(names),
                compress=True,
            ),
        )
        for kind in (route53.ARecord, route53.AaaaRecord):
            kind(
                self,
                f"record-{kind.__name__}",
                zone=zone,
                target=route53.RecordTarget.from_alias(targets.CloudFrontTarget(distribution)),
            )
        CfnOutput(self, "Distribution", value=distribution.distribution_id).override_logical_id("DistributionId")
        Validations.of(distribution).acknowledge(
            Acknowledgment(id="AwsSolutions-CFR1", reason="The service has customers in all countries"),
            Acknowledgment(id="AwsSolutions-CFR2", reason="Static files. A web ACL is up to the account's owner"),
        )

    def _create_origins(self, names: TicketingNames) -> cloudfront.IOrigin:
        """Return an origin group: the primary Region's bucket, and the standby's if the primary's fails."""
        control = cloudfront.S3OriginAccessControl(self, "access", description="CloudFront reads the page's buckets")
        first, second = (
            origins.S3BucketOrigin.with_origin_access_control(
                s3.Bucket.from_bucket_attributes(
                    self, f"bucket-{region}", bucket_name=names.page_bucket(region), region=region
                ),
                origin_access_control=control,
            )
            for region in names.regions
        )
        return origins.OriginGroup(
            primary_origin=first, fallback_origin=second, fallback_status_codes=[500, 502, 503, 504]
        )

    def _create_headers_policy(self, names: TicketingNames) -> cloudfront.ResponseHeadersPolicy:
        sign_in = [f"https://{names.sign_in_domain(r)}.auth.{r}.amazoncognito.com" for r in names.regions]
        regional = [f"https://{names.regional_domain(region)}" for region in names.regions]
        headers = page_files.build_headers([f"https://{names.api.domain}", *regional, *sign_in])
        return cloudfront.ResponseHeadersPolicy(
            self,
            "headers",
            comment="Ticketing: the page may run only its own files",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=headers["Content-Security-Policy"], override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.days(365), include_subdomains=True, override=True
                ),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header=name, value=headers[name], override=True)
                    for name in ("Permissions-Policy", "Cross-Origin-Opener-Policy", "Cache-Control")
                ]
            ),
        )

    def _create_log_bucket(self, names: TicketingNames) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "log",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            # CloudFront's standard logging uses an access control list.
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(names.plan.environment.log_days))],
            removal_policy=RemovalPolicy.RETAIN,
        )
        Validations.of(bucket).acknowledge(
            Acknowledgment(id="AwsSolutions-S1", reason="This bucket itself stores access logs")
        )
        return bucket
