"""The page's private bucket in a Region, which only CloudFront reads. Both Regions' buckets have the same files."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from workloads.ticketing.infra.configuration.resource_names import TicketingNames


class PageBucket(Construct):
    """The bucket, and CloudFront's permission to read it."""

    def __init__(self, scope: Construct, name: str, *, names: TicketingNames, region: str) -> None:
        super().__init__(scope, name)
        bucket = s3.Bucket(
            self,
            "bucket",
            bucket_name=names.page_bucket(region),
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            versioned=True,
            lifecycle_rules=[s3.LifecycleRule(noncurrent_version_expiration=Duration.days(90))],
            removal_policy=RemovalPolicy.RETAIN,
        )
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
                actions=["s3:GetObject"],
                resources=[bucket.arn_for_objects("*")],
                # The distribution is created later in another Region, so allow any distribution of this account.
                conditions={"StringEquals": {"aws:SourceAccount": names.account}},
            )
        )
        Validations.of(bucket).acknowledge(
            Acknowledgment(
                id="AwsSolutions-S1", reason="Public files that only CloudFront reads, which keeps the access log"
            )
        )
