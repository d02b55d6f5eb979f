"""Readiness checks: a recovery group, a cell per Region, the tables' replicas as a resource set, and the check of them.

ARC takes no new customers for them, so they are made only where the context says `readiness=true`. Nothing reads them:
`leeward` looks for itself.
"""

from __future__ import annotations

from aws_cdk import aws_route53recoveryreadiness as readiness
from constructs import Construct

from infra.workloads.ticketing.names import Names

WANTED = "readiness"


def add(scope: Construct, names: Names) -> None:
    """A cell per Region, and a check of what each has: the API's stage and the table's replica."""
    cells = [readiness.CfnCell(scope, f"cell-{region}", cell_name=f"ticketing-{region}") for region in names.both]
    readiness.CfnRecoveryGroup(
        scope, "group", recovery_group_name="ticketing", cells=[cell.attr_cell_arn for cell in cells]
    )
    resources = readiness.CfnResourceSet(
        scope,
        "resources",
        resource_set_name="ticketing-tables",
        resource_set_type="AWS::DynamoDB::Table",
        resources=[
            readiness.CfnResourceSet.ResourceProperty(
                resource_arn=f"arn:aws:dynamodb:{region}:{names.account}:table/{names.table}",
                readiness_scopes=[cell.attr_cell_arn],
            )
            for region, cell in zip(names.both, cells, strict=True)
        ],
    )
    check = readiness.CfnReadinessCheck(
        scope, "check", readiness_check_name="ticketing-tables", resource_set_name="ticketing-tables"
    )
    check.add_dependency(resources)
