"""`dynamodb.global_table`: a DynamoDB table with a replica in each Region (version 2019.11.21).

Replication is asynchronous, and the last writer wins. Writes that are not yet replicated when an incident starts are
lost.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from leeward.state_machines.component_kinds.component_model import ComponentModel
from leeward.state_machines.fields.field_types import DocumentModel, Duration, text_matching

# DynamoDB's rule for table names.
TableName = Annotated[
    str,
    AfterValidator(text_matching(r"[A-Za-z0-9_.-]{3,255}", "3 to 255 letters, digits, dots, hyphens or underscores")),
]
AttributeName = Annotated[
    str,
    AfterValidator(text_matching(r"[A-Za-z][A-Za-z0-9_]{0,63}", "a name: a letter, then letters, digits or _")),
]


class TableKey(DocumentModel):
    """The table's key. Both attributes are strings."""

    partition: AttributeName = Field(description="The partition key's attribute")
    sort: AttributeName | None = Field(None, description="The sort key's attribute, if the table has one")


class GlobalTableComponent(ComponentModel):
    """A table that is replicated between the application's Regions. Every replica accepts writes."""

    kind: Literal["dynamodb.global_table"]
    table: TableName = Field(description="The table's name, the same in every Region")
    key: TableKey = Field(description="The key: {partition: id}, or {partition: pk, sort: sk}")
    typical_lag: Duration = Field(
        timedelta(seconds=1), description="The usual replication lag (ReplicationLatency in CloudWatch)"
    )
    point_in_time_recovery: bool = Field(
        True, description="Whether each replica has continuous backups, which is checked before a run"
    )
