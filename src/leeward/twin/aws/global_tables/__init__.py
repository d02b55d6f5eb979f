"""DynamoDB global tables: replicas that follow each other, with a lag. moto keeps replicas apart, or not at all.

    capture        sees every write of a table in moto, whichever operation made it, once it is committed
    index          secondary indexes that are looked up, not searched
    streams        a write as a record of the table's stream
    replication    carries writes to the other replicas: lag, pauses, dark Regions; the last writer wins
    description    what DescribeTable and UpdateTable say of replicas

Only `twin` and the tests may import it.
"""

from leeward.twin.aws.global_tables.table_replication import GlobalTables, OverwrittenWrite

__all__ = ["GlobalTables", "OverwrittenWrite"]
