"""What starts runs, and what watches: origins, drills, runs."""

from __future__ import annotations

from leeward.common import names
from leeward.infra.permissions.common import acting, announcing, figures, looking, table, topic
from leeward.infra.permissions.model import Permission
from leeward.infra.permissions.uses import Uses

# Where a global service says that a request goes (IAM, "aws:RequestedRegion").
_GLOBAL = "us-east-1"
_LOOKED_AT_SERVERS = (
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
_LOOKED_AT_BALANCERS = (
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
)


def _undelivered(use: Uses) -> Permission:
    """Where Lambda puts an event that the function has failed on, tries included."""
    queue = f"arn:aws:sqs:{use.at.region}:{use.account}:{names.undelivered(use.at.application.application)}"
    return Permission(("sqs:SendMessage",), (queue,), through="lambda.amazonaws.com")


def start(use: Uses) -> list[Permission]:
    """Keeps the ledger, looks where the users are, starts the state machines of the alarms, tells people."""
    found = [
        *table(use, "GetItem", "PutItem"),
        *topic(use),
        _undelivered(use),
        Permission(("states:StartExecution",), use.values("machine")),
    ]
    if use.values("controls"):
        found.append(Permission(("route53-recovery-cluster:GetRoutingControlState",), use.values("controls")))
    return found


def start_drill(use: Uses) -> list[Permission]:
    """Starts the state machines of drills, and no other."""
    return [
        *table(use, "GetItem", "PutItem"),
        *topic(use),
        _undelivered(use),
        Permission(("states:StartExecution",), use.values("machine")),
    ]


def probe(use: Uses) -> list[Permission]:
    """Asks for pages, and how old the newest data is; puts figures where the alarm is."""
    found = figures(use, use.values("metrics_region"))
    if any(signal["kind"] == "replication" for call in use.calls for signal in call["signals"]):
        found += looking(use, [use.at.region], "drs:DescribeSourceServers")
    return found


def run_watch(use: Uses) -> list[Permission]:
    """Asks which runs run, and reads when each last wrote."""
    return [
        *table(use, "Query"),
        *figures(use, [use.at.region]),
        Permission(("states:ListExecutions",), use.values("machines")),
    ]


def readiness(use: Uses) -> list[Permission]:
    """Looks at all that a failover needs, in both Regions, changes nothing, and keeps the answer."""
    regions = sorted({*use.regions("region"), *use.regions("origin")})
    here, account = [use.at.region], use.account
    own = names.of_application(use.at.application.application)
    found = [
        *table(use, "PutItem", "Query"),
        *figures(use, here),
        announcing(use),
        *looking(use, regions, "lambda:ListFunctions"),
        Permission(("states:DescribeStateMachine",), _machines(use)),
        Permission(
            ("dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"),
            tuple(f"arn:aws:dynamodb:{region}:{account}:table/{own}" for region in regions),
        ),
        Permission(
            ("sns:ListSubscriptionsByTopic",), tuple(f"arn:aws:sns:{region}:{account}:{own}" for region in regions)
        ),
    ]
    if use.values("groups"):
        found += looking(use, here, *_LOOKED_AT_SERVERS)
        found += acting(use, "source-server", here, "drs:DescribeRecoverySnapshots", "drs:GetLaunchConfiguration")
        quota = f"arn:aws:servicequotas:{use.at.region}:{account}:ec2/L-1216C47A"
        found.append(Permission(("servicequotas:GetServiceQuota",), (quota,)))
    if use.values("target_groups"):
        found += looking(use, regions, *_LOOKED_AT_BALANCERS)
        certificates = tuple(f"arn:aws:acm:{region}:{account}:certificate/*" for region in regions)
        why = "which certificate a listener has is only known by looking; it is read, and it is public"
        found.append(Permission(("acm:DescribeCertificate",), certificates, why=why))
    found += [*_serverless(use, regions), *_simulated(use)]
    if use.values("controls"):
        found.append(Permission(("route53-recovery-cluster:GetRoutingControlState",), use.values("controls")))
    if use.values("controls") or use.values("record_sets"):
        why = "AWS lists health checks and zones as a whole; records are read in the zone that holds the application's"
        lists = ("route53:ListHealthChecks", *(("route53:ListHostedZones",) if use.values("controls") else ()))
        zones = tuple(f"arn:aws:route53:::hostedzone/{each['zone']}" for c in use.calls for each in c["record_sets"])
        found += [
            Permission(lists, ("*",), use.within([_GLOBAL]), why),
            # Behind routing controls only the record's name is known, not its zone.
            Permission(("route53:ListResourceRecordSets",), zones or ("arn:aws:route53:::hostedzone/*",), why=why),
        ]
    return found


def _simulated(use: Uses) -> list[Permission]:
    """What it asks IAM about: the roles of the application's tasks, which it finds by their functions."""
    tasks = sorted({grant["task"] for call in use.calls for grant in call["grants"]})
    names_ = [names.function(use.at.application.application, task) for task in tasks]
    functions = tuple(f"arn:aws:lambda:{use.at.region}:{use.account}:function:{name}" for name in names_)
    roles = f"arn:aws:iam::{use.account}:role/leeward/{use.at.application.application}/*"
    return [
        Permission(("lambda:GetFunctionConfiguration",), functions),
        Permission(
            ("iam:SimulatePrincipalPolicy",), (roles,), why="CloudFormation names the roles; their path is their own"
        ),
    ]


def _serverless(use: Uses, regions: list[str]) -> list[Permission]:
    """What is looked at of tables and APIs: by their names and ids, in both Regions."""
    account, found = use.account, []
    tables = [table for call in use.calls for table in call.get("tables", ())]
    apis = [api for call in use.calls for api in call.get("apis", ())]
    if tables:
        arns = tuple(sorted({f"arn:aws:dynamodb:{r}:{account}:table/{t['name']}" for r in regions for t in tables}))
        found.append(Permission(("dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"), arns))
        found += looking(use, regions, "cloudwatch:GetMetricStatistics")
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
            secret = f"arn:aws:secretsmanager:{use.at.region}:{account}:secret:{api['canary']}-??????"
            found.append(Permission(("secretsmanager:DescribeSecret",), (secret,)))
    return found


def board(use: Uses) -> list[Permission]:
    """Reads the table of its own Region, and writes the board's objects."""
    objects = tuple(f"arn:aws:s3:::{bucket}/*" for bucket in use.values("bucket"))
    return [
        *table(use, "Query"),
        Permission(
            ("s3:PutObject",),
            objects,
            # A bucket's name is anybody's to take, where it is free: this account's, or none.
            {"StringEquals": {"aws:ResourceAccount": use.account}},
            why="the pages of the board, and the figures beside them",
        ),
        # What S3 does with the role's credentials: a key for the bucket, and its use.
        Permission(
            ("kms:Decrypt", "kms:GenerateDataKey"),
            (use.at.key,),
            {"StringEquals": {"kms:ViaService": f"s3.{use.at.region}.amazonaws.com"}},
            through="s3.amazonaws.com",
        ),
    ]


def _machines(use: Uses) -> tuple[str, ...]:
    return tuple(
        sorted(
            f"arn:aws:states:{machine['region']}:{use.account}:stateMachine:{machine['name']}"
            for call in use.calls
            for machine in call["machines"]
        )
    )


def drill_watch(use: Uses) -> list[Permission]:
    """Asks when a drill last succeeded."""
    return [*figures(use, [use.at.region]), Permission(("states:ListExecutions",), use.values("machine"))]
