"""`leeward-<application>-journal`: the global table that both Regions share, created from the standby Region."""

from __future__ import annotations

from typing import Any

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from leeward.common.naming import resource_names
from leeward.infra.inputs.deployment_plan import DeploymentPlan

_Table = dynamodb.CfnGlobalTable


class JournalStack(Stack):
    """A global table with a replica and a customer managed key in each Region."""

    def __init__(self, scope: Construct, name: str, *, plan: DeploymentPlan, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        table = _Table(
            self,
            "table",
            table_name=resource_names.table_name(plan.name),
            attribute_definitions=[
                _Table.AttributeDefinitionProperty(attribute_name=key, attribute_type="S") for key in ("pk", "sk")
            ],
            key_schema=[
                _Table.KeySchemaProperty(attribute_name="pk", key_type="HASH"),
                _Table.KeySchemaProperty(attribute_name="sk", key_type="RANGE"),
            ],
            billing_mode="PAY_PER_REQUEST",
            stream_specification=_Table.StreamSpecificationProperty(stream_view_type="NEW_AND_OLD_IMAGES"),
            sse_specification=_Table.SSESpecificationProperty(sse_enabled=True, sse_type="KMS"),
            replicas=[self._replica(region, plan) for region in sorted(plan.application.regions.both)],
        )
        table.apply_removal_policy(RemovalPolicy.RETAIN)

    def _replica(self, region: str, plan: DeploymentPlan) -> dynamodb.CfnGlobalTable.ReplicaSpecificationProperty:
        # By its alias, because that Region's own stack creates the key.
        alias = f"arn:aws:kms:{region}:{plan.application.account}:alias/{resource_names.application_prefix(plan.name)}"
        return _Table.ReplicaSpecificationProperty(
            region=region,
            deletion_protection_enabled=True,
            point_in_time_recovery_specification=_Table.PointInTimeRecoverySpecificationProperty(
                point_in_time_recovery_enabled=True
            ),
            sse_specification=_Table.ReplicaSSESpecificationProperty(kms_master_key_id=alias),
        )
