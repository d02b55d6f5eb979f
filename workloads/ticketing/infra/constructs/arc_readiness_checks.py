"""ARC readiness checks: a recovery group, a cell per Region, and checks of the table's replicas and the API's stages.

ARC accepts no new customers for readiness checks, so they are created only if the CDK context has `readiness=true`.
Nothing reads them, because `leeward` checks readiness itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_route53recoveryreadiness as readiness
from constructs import Construct

from workloads.ticketing.infra.configuration.resource_names import TicketingNames

CONTEXT_KEY = "readiness"


def add_readiness_checks(scope: Construct, names: TicketingNames) -> None:
    """Add a cell per Region, and checks of the API's stages and the table's replicas."""
    cells = {
        region: readiness.CfnCell(scope, f"cell-{region}", cell_name=f"ticketing-{region}") for region in names.regions
    }
    readiness.CfnRecoveryGroup(
        scope, "group", recovery_group_name="ticketing", cells=[cell.attr_cell_arn for cell in cells.values()]
    )
    tables = {region: f"arn:aws:dynamodb:{region}:{names.account}:table/{names.table}" for region in names.regions}
    stages = {
        region: f"arn:aws:apigateway:{region}::/restapis/{names.api.apis[region]}/stages/{names.api.stage}"
        for region in names.regions
    }
    _add_readiness_check(scope, "tables", "AWS::DynamoDB::Table", tables, cells)
    _add_readiness_check(scope, "stages", "AWS::ApiGateway::Stage", stages, cells)


def _add_readiness_check(
    scope: Construct, name: str, kind: str, arns: Mapping[str, str], cells: Mapping[str, readiness.CfnCell]
) -> None:
    resource_name = f"ticketing-{name}"
    resources = readiness.CfnResourceSet(
        scope,
        f"resources-{name}",
        resource_set_name=resource_name,
        resource_set_type=kind,
        resources=[
            readiness.CfnResourceSet.ResourceProperty(resource_arn=arn, readiness_scopes=[cells[region].attr_cell_arn])
            for region, arn in arns.items()
        ],
    )
    check = readiness.CfnReadinessCheck(
        scope, f"check-{name}", readiness_check_name=resource_name, resource_set_name=resource_name
    )
    check.add_dependency(resources)
