"""`dynamodb.global_table`: a DynamoDB global table with a replica in each Region."""

from __future__ import annotations

from leeward.kinds.descriptors.component_kind import ComponentKind

KIND = ComponentKind(
    name="dynamodb.global_table",
    summary="A DynamoDB global table with a replica in each Region",
    document="leeward.state_machines.components.dynamodb_global_table:GlobalTableComponent",
)
