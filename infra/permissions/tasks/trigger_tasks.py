"""What starts runs, and what watches: origins, drills, runs."""

from __future__ import annotations

from leeward.common.naming import resource_names
from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import (
    grant_events,
    grant_metrics,
    grant_own_resources,
    grant_reads,
    grant_table,
    grant_topic,
)

# Where a global service says that a request goes (IAM, "aws:RequestedRegion").
_GLOBAL_REGION = "us-east-1"
_DESCRIBE_SERVERS = (
    "drs:DescribeJobs",
    "drs:DescribeRecoveryInstances",
    "drs:DescribeSourceServers",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
)
_DESCRIBE_BALANCERS = (
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
)


def _grant_undelivered_queue(usage: TaskUsage) -> Permission:
    """Where Lambda puts an event that the function has failed on, tries included."""
    queue_name = resource_names.dead_letter_queue_name(usage.region_resources.application.application)
    queue = f"arn:aws:sqs:{usage.region_resources.region}:{usage.account}:{queue_name}"
    return Permission(("sqs:SendMessage",), (queue,), called_via="lambda.amazonaws.com")


def start(usage: TaskUsage) -> list[Permission]:
    """Keeps the ledger, looks where the users are, starts the state machines of the alarms, tells people."""
    found = [
        *grant_table(usage, "GetItem", "PutItem"),
        *grant_topic(usage),
        _grant_undelivered_queue(usage),
        Permission(("states:StartExecution",), usage.collect_values("machine")),
    ]
    if usage.collect_values("controls"):
        found.append(Permission(("route53-recovery-cluster:GetRoutingControlState",), usage.collect_values("controls")))
    return found


def start_drill(usage: TaskUsage) -> list[Permission]:
    """Starts the state machines of drills, and no other."""
    return [
        *grant_table(usage, "GetItem", "PutItem"),
        *grant_topic(usage),
        _grant_undelivered_queue(usage),
        Permission(("states:StartExecution",), usage.collect_values("machine")),
    ]


def probe(usage: TaskUsage) -> list[Permission]:
    """Asks for pages, and how old the newest data is; puts figures where the alarm is."""
    found = grant_metrics(usage, usage.collect_values("metrics_region"))
    if any(signal["kind"] == "replication" for call in usage.calls for signal in call["signals"]):
        found += grant_reads(usage, [usage.region_resources.region], "drs:DescribeSourceServers")
    return found


def run_watch(usage: TaskUsage) -> list[Permission]:
    """Asks which runs run, and reads when each last wrote."""
    return [
        *grant_table(usage, "Query"),
        *grant_metrics(usage, [usage.region_resources.region]),
        Permission(("states:ListExecutions",), usage.collect_values("machines")),
    ]


def readiness(usage: TaskUsage) -> list[Permission]:
    """Looks at all that a failover needs, in both Regions, changes nothing, and keeps the answer."""
    regions = sorted({*usage.collect_regions("region"), *usage.collect_regions("origin")})
    here, account = [usage.region_resources.region], usage.account
    own = resource_names.application_prefix(usage.region_resources.application.application)
    found = [
        *grant_table(usage, "PutItem", "Query"),
        *grant_metrics(usage, here),
        grant_events(usage),
        *grant_reads(usage, regions, "lambda:ListFunctions"),
        Permission(("states:DescribeStateMachine",), _machines(usage)),
        Permission(
            ("dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"),
            tuple(f"arn:aws:dynamodb:{region}:{account}:table/{own}" for region in regions),
        ),
        Permission(
            ("sns:ListSubscriptionsByTopic",), tuple(f"arn:aws:sns:{region}:{account}:{own}" for region in regions)
        ),
    ]
    if usage.collect_values("groups"):
        found += grant_reads(usage, here, *_DESCRIBE_SERVERS)
        found += grant_own_resources(
            usage, "source-server", here, "drs:DescribeRecoverySnapshots", "drs:GetLaunchConfiguration"
        )
        quota = f"arn:aws:servicequotas:{usage.region_resources.region}:{account}:ec2/L-1216C47A"
        found.append(Permission(("servicequotas:GetServiceQuota",), (quota,)))
    if usage.collect_values("target_groups"):
        found += grant_reads(usage, regions, *_DESCRIBE_BALANCERS)
        certificates = tuple(f"arn:aws:acm:{region}:{account}:certificate/*" for region in regions)
        why = "which certificate a listener has is only known by looking; it is read, and it is public"
        found.append(Permission(("acm:DescribeCertificate",), certificates, reason=why))
    found += [*_grant_serverless_reads(usage, regions), *_grant_policy_simulation(usage)]
    if usage.collect_values("controls"):
        found.append(Permission(("route53-recovery-cluster:GetRoutingControlState",), usage.collect_values("controls")))
    if usage.collect_values("controls") or usage.collect_values("record_sets"):
        why = "AWS lists health checks and zones as a whole; records are read in the zone that holds the application's"
        lists = (
            "route53:ListHealthChecks",
            *(("route53:ListHostedZones",) if usage.collect_values("controls") else ()),
        )
        zones = tuple(f"arn:aws:route53:::hostedzone/{each['zone']}" for c in usage.calls for each in c["record_sets"])
        found += [
            Permission(lists, ("*",), usage.region_condition([_GLOBAL_REGION]), why),
            # Behind routing controls only the record's name is known, not its zone.
            Permission(("route53:ListResourceRecordSets",), zones or ("arn:aws:route53:::hostedzone/*",), reason=why),
        ]
    return found


def _grant_policy_simulation(usage: TaskUsage) -> list[Permission]:
    """What it asks IAM about: the roles of the application's tasks, which it finds by their functions."""
    tasks = sorted({grant["task"] for call in usage.calls for grant in call["grants"]})
    names_ = [resource_names.function_name(usage.region_resources.application.application, task) for task in tasks]
    functions = tuple(
        f"arn:aws:lambda:{usage.region_resources.region}:{usage.account}:function:{name}" for name in names_
    )
    roles = f"arn:aws:iam::{usage.account}:role/leeward/{usage.region_resources.application.application}/*"
    return [
        Permission(("lambda:GetFunctionConfiguration",), functions),
        Permission(
            ("iam:SimulatePrincipalPolicy",), (roles,), reason="CloudFormation names the roles; their path is their own"
        ),
    ]


def _grant_serverless_reads(usage: TaskUsage, regions: list[str]) -> list[Permission]:
    """What is looked at of tables and APIs: by their names and ids, in both Regions."""
    account, found = usage.account, []
    tables = [table for call in usage.calls for table in call.get("tables", ())]
    apis = [api for call in usage.calls for api in call.get("apis", ())]
    if tables:
        arns = tuple(sorted({f"arn:aws:dynamodb:{r}:{account}:table/{t['name']}" for r in regions for t in tables}))
        found.append(Permission(("dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"), arns))
        found += grant_reads(usage, regions, "cloudwatch:GetMetricStatistics")
    for api in apis:
        found += [
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
            # Secrets Manager ends a secret's ARN in six characters of its own.
            secret = f"arn:aws:secretsmanager:{usage.region_resources.region}:{account}:secret:{api['canary']}-??????"
            found.append(Permission(("secretsmanager:DescribeSecret",), (secret,)))
    return found


def board(usage: TaskUsage) -> list[Permission]:
    """Reads the table of its own Region, and writes the board's objects."""
    objects = tuple(f"arn:aws:s3:::{bucket}/*" for bucket in usage.collect_values("bucket"))
    return [
        *grant_table(usage, "Query"),
        Permission(
            ("s3:PutObject",),
            objects,
            # A bucket's name is anybody's to take, where it is free: this account's, or none.
            {"StringEquals": {"aws:ResourceAccount": usage.account}},
            reason="the pages of the board, and the figures beside them",
        ),
        # What S3 does with the role's credentials: a key for the bucket, and its use.
        Permission(
            ("kms:Decrypt", "kms:GenerateDataKey"),
            (usage.region_resources.key,),
            {"StringEquals": {"kms:ViaService": f"s3.{usage.region_resources.region}.amazonaws.com"}},
            called_via="s3.amazonaws.com",
        ),
    ]


def _machines(usage: TaskUsage) -> tuple[str, ...]:
    return tuple(
        sorted(
            f"arn:aws:states:{machine['region']}:{usage.account}:stateMachine:{machine['name']}"
            for call in usage.calls
            for machine in call["machines"]
        )
    )


def drill_watch(usage: TaskUsage) -> list[Permission]:
    """Asks when a drill last succeeded."""
    return [
        *grant_metrics(usage, [usage.region_resources.region]),
        Permission(("states:ListExecutions",), usage.collect_values("machine")),
    ]
