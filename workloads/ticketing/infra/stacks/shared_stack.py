"""`ticketing-shared`: the global table and the secret that both Regions share, deployed from the standby Region."""

from __future__ import annotations

import json

from aws_cdk import Acknowledgment, App, RemovalPolicy, Stack, Validations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_secretsmanager as secrets

from workloads.ticketing import table_schema as shape
from workloads.ticketing.infra.configuration.resource_names import TicketingNames

_Table = dynamodb.CfnGlobalTable
_Key = _Table.KeySchemaProperty


class SharedStack(Stack):
    """The tickets' table and the canary's secret."""

    def __init__(self, app: App, names: TicketingNames) -> None:
        super().__init__(
            app,
            "ticketing-shared",
            description="Ticketing: the global table and the canary's secret, in both Regions",
            env=names.environment(names.regions[1]),
            termination_protection=True,
        )
        _create_table(self, names).apply_removal_policy(RemovalPolicy.RETAIN)
        _create_canary_secret(self, names)


def _create_table(scope: Stack, names: TicketingNames) -> dynamodb.CfnGlobalTable:
    attributes = (shape.PARTITION_KEY, shape.SORT_KEY, *shape.INDEXES.values())
    return _Table(
        scope,
        "table",
        table_name=names.table,
        attribute_definitions=[
            _Table.AttributeDefinitionProperty(attribute_name=name, attribute_type="S") for name in attributes
        ],
        key_schema=[_Key(attribute_name=shape.PARTITION_KEY, key_type="HASH")],
        global_secondary_indexes=[
            _Table.GlobalSecondaryIndexProperty(
                index_name=index,
                key_schema=[
                    _Key(attribute_name=partition, key_type="HASH"),
                    _Key(attribute_name=shape.SORT_KEY, key_type="RANGE"),
                ],
                projection=_Table.ProjectionProperty(projection_type="ALL"),
            )
            for index, partition in shape.INDEXES.items()
        ],
        billing_mode="PAY_PER_REQUEST",
        # Both images, because `conflicts` compares the arriving write with the one that it replaced.
        stream_specification=_Table.StreamSpecificationProperty(stream_view_type="NEW_AND_OLD_IMAGES"),
        sse_specification=_Table.SSESpecificationProperty(sse_enabled=True, sse_type="KMS"),
        replicas=[_replica_specification(names, region) for region in sorted(names.regions)],
    )


def _replica_specification(names: TicketingNames, region: str) -> dynamodb.CfnGlobalTable.ReplicaSpecificationProperty:
    return _Table.ReplicaSpecificationProperty(
        region=region,
        deletion_protection_enabled=True,
        point_in_time_recovery_specification=_Table.PointInTimeRecoverySpecificationProperty(
            point_in_time_recovery_enabled=True
        ),
        sse_specification=_Table.ReplicaSSESpecificationProperty(
            kms_master_key_id=f"arn:aws:kms:{region}:{names.account}:{names.key_alias()}"
        ),
    )


def _create_canary_secret(scope: Stack, names: TicketingNames) -> None:
    """Create the secret of the canary user, with which the runbooks' checks sign in.

    An operator completes it after the pools exist (docs/ticketing.md).
    """
    if names.api.canary is None:
        return
    secret = secrets.Secret(
        scope,
        "canary",
        secret_name=names.api.canary,
        description="client_id, username, and password with which checks sign in",
        replica_regions=[secrets.ReplicaRegion(region=names.regions[0])],
        generate_secret_string=secrets.SecretStringGenerator(
            secret_string_template=json.dumps({"client_id": "", "username": "canary"}),
            generate_string_key="password",
            password_length=32,
        ),
        removal_policy=RemovalPolicy.DESTROY,
    )
    Validations.of(secret).acknowledge(
        Acknowledgment(
            id="AwsSolutions-SMG4",
            reason="The password of a user of the pools. Rotating only the secret would lock out the checks. "
            "An operator rotates it together with the user's password (docs/ticketing.md)",
        )
    )
