"""The permissions of the task `readiness`."""

from __future__ import annotations

from leeward.base.import_paths import load
from leeward.common.naming import resource_names
from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.services.drs_grants import DESCRIBE_INSTANCES
from leeward.infra.permissions.grants.shared_grants import (
    grant_events,
    grant_metrics,
    grant_own_resources,
    grant_reads,
    grant_table,
)
from leeward.kinds.registry import component_kinds

# The Region that IAM reports for requests to a global service (IAM, "aws:RequestedRegion").
_GLOBAL_REGION = "us-east-1"
_DESCRIBE_SERVERS = (
    "drs:DescribeJobs",
    "drs:DescribeRecoveryInstances",
    "drs:DescribeSourceServers",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes",
    *DESCRIBE_INSTANCES,
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
)
_DESCRIBE_BALANCERS = (
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
)


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to read everything that a failover needs, in both Regions, and to store the result."""
    regions = sorted({*usage.collect_regions("region"), *usage.collect_regions("origin")})
    own_region, account = [usage.region_resources.region], usage.account
    name = resource_names.application_prefix(usage.region_resources.application.application)
    permissions = [
        *grant_table(usage, "PutItem", "Query"),
        *grant_metrics(usage, own_region),
        grant_events(usage),
        *grant_reads(usage, regions, "lambda:ListFunctions"),
        Permission(("states:DescribeStateMachine",), _machines(usage)),
        Permission(
            ("dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"),
            tuple(f"arn:aws:dynamodb:{region}:{account}:table/{name}" for region in regions),
        ),
        Permission(
            ("sns:ListSubscriptionsByTopic",), tuple(f"arn:aws:sns:{region}:{account}:{name}" for region in regions)
        ),
    ]
    if usage.collect_values("groups"):
        permissions += grant_reads(usage, own_region, *_DESCRIBE_SERVERS)
        permissions += grant_own_resources(
            usage, "source-server", own_region, "drs:DescribeRecoverySnapshots", "drs:GetLaunchConfiguration"
        )
        quota = f"arn:aws:servicequotas:{usage.region_resources.region}:{account}:ec2/L-1216C47A"
        permissions.append(Permission(("servicequotas:GetServiceQuota",), (quota,)))
    if usage.collect_values("target_groups"):
        permissions += grant_reads(usage, regions, *_DESCRIBE_BALANCERS)
        certificates = tuple(f"arn:aws:acm:{region}:{account}:certificate/*" for region in regions)
        reason = "the listener determines its certificate at run time. Certificates are public, and are only read"
        permissions.append(Permission(("acm:DescribeCertificate",), certificates, reason=reason))
    permissions += [*_grant_serverless_reads(usage, regions), *_grant_policy_simulation(usage)]
    permissions += _declared_by_components(usage)
    controls = usage.collect_values("controls")
    if controls:
        permissions.append(Permission(("route53-recovery-cluster:GetRoutingControlState",), controls))
    if controls or usage.collect_values("record_sets"):
        reason = "health checks and zones can only be listed as a whole. Records are read in the application's zone"
        lists = (
            "route53:ListHealthChecks",
            *(("route53:ListHostedZones",) if controls else ()),
        )
        zones = tuple(f"arn:aws:route53:::hostedzone/{each['zone']}" for c in usage.calls for each in c["record_sets"])
        permissions += [
            Permission(lists, ("*",), usage.region_condition([_GLOBAL_REGION]), reason),
            # With routing controls, the document may have only the record's name, not its zone.
            Permission(
                ("route53:ListResourceRecordSets",), zones or ("arn:aws:route53:::hostedzone/*",), reason=reason
            ),
        ]
    return permissions


def _declared_by_components(usage: TaskUsage) -> list[Permission]:
    """Return the permissions of plug-ins' readiness checks, for the components that the application has."""
    used = {component["kind"] for call in usage.calls for component in call.get("components", ())}
    paths = [kind.readiness_permissions for name, kind in component_kinds().items() if name in used]
    return [permission for path in paths if path is not None for permission in load(path)(usage)]


def _grant_policy_simulation(usage: TaskUsage) -> list[Permission]:
    """Return permissions to simulate the policies of the tasks' roles, which are found through the tasks' functions."""
    tasks = sorted({grant["task"] for call in usage.calls for grant in call["grants"]})
    names = [resource_names.function_name(usage.region_resources.application.application, task) for task in tasks]
    functions = tuple(
        f"arn:aws:lambda:{usage.region_resources.region}:{usage.account}:function:{name}" for name in names
    )
    roles = f"arn:aws:iam::{usage.account}:role/leeward/{usage.region_resources.application.application}/*"
    return [
        Permission(("lambda:GetFunctionConfiguration",), functions),
        Permission(
            ("iam:SimulatePrincipalPolicy",),
            (roles,),
            reason="CloudFormation chooses the roles' names. Their path is the application's",
        ),
    ]


def _grant_serverless_reads(usage: TaskUsage, regions: list[str]) -> list[Permission]:
    """Return permissions to read tables and APIs, by their names and IDs, in both Regions."""
    account, permissions = usage.account, []
    tables = [table for call in usage.calls for table in call.get("tables", ())]
    apis = [api for call in usage.calls for api in call.get("apis", ())]
    if tables:
        arns = tuple(sorted({f"arn:aws:dynamodb:{r}:{account}:table/{t['name']}" for r in regions for t in tables}))
        permissions.append(Permission(("dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"), arns))
        permissions += grant_reads(usage, regions, "cloudwatch:GetMetricStatistics")
    for api in apis:
        permissions += [
            Permission(
                ("apigateway:GET",),
                tuple(
                    f"arn:aws:apigateway:{region}::{path}"
                    for region in regions
                    for path in (
                        f"/restapis/{api['apis'][region]}/stages/{api['stage']}",
                        f"/domainnames/{api['domain']}",
                        f"/domainnames/{api['domain']}/basepathmappings",
                    )
                ),
            ),
            Permission(("acm:DescribeCertificate",), tuple(api["certificates"][region] for region in regions)),
            Permission(
                ("lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration"),
                tuple(f"arn:aws:lambda:{region}:{account}:function:{api['function']}" for region in regions),
            ),
        ]
        if api.get("canary"):
            # Secrets Manager appends six characters to a secret's ARN.
            secret = f"arn:aws:secretsmanager:{usage.region_resources.region}:{account}:secret:{api['canary']}-??????"
            permissions.append(Permission(("secretsmanager:DescribeSecret",), (secret,)))
    return permissions


def _machines(usage: TaskUsage) -> tuple[str, ...]:
    return tuple(
        sorted(
            f"arn:aws:states:{machine['region']}:{usage.account}:stateMachine:{machine['name']}"
            for call in usage.calls
            for machine in call["machines"]
        )
    )
