"""`dynamodb.global_table`: one DynamoDB table with a replica in each Region (version 2019.11.21).

Replication is asynchronous: the last writer wins, and what was written within the lag of an incident is the data loss.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from leeward.state_machines.components.component_model import ComponentModel
from leeward.state_machines.fields.field_types import DocumentModel, Duration, text_matching

# DynamoDB's own rule for a table's name.
TableName = Annotated[
    str,
    AfterValidator(text_matching(r"[A-Za-z0-9_.-]{3,255}", "3 to 255 letters, digits, dots, hyphens or underscores")),
]
AttributeName = Annotated[
    str,
    AfterValidator(text_matching(r"[A-Za-z][A-Za-z0-9_]{0,63}", "a name: a letter, then letters, digits or _")),
]


class TableKey(DocumentModel):
    """The table's key; both attributes are strings."""

    partition: AttributeName = Field(description="The partition key's attribute")
    sort: AttributeName | None = Field(None, description="The sort key's attribute, where there is one")


class GlobalTableComponent(ComponentModel):
    """A table that is replicated between the application's Regions; every replica takes writes."""

    kind: Literal["dynamodb.global_table"]
    table: TableName = Field(description="The table's name, the same in every Region")
    key: TableKey = Field(description="The key: {partition: id}, or {partition: pk, sort: sk}")
    typical_lag: Duration = Field(
        timedelta(seconds=1), description="How far replication usually trails behind; ReplicationLatency in CloudWatch"
    )
    point_in_time_recovery: bool = Field(True, description="Continuous backups of each replica; checked before a run")
