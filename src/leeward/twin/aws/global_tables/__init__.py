"""DynamoDB global tables: asynchronous replication between replicas, which moto doesn't simulate.

    write_capture          reports every committed write to a table in moto, for every write operation
    query_index            indexes that replace moto's table scans for Query
    stream_records         DynamoDB Streams records
    table_replication      replicates writes with lag, pauses, and Region outages; the last writer wins
    replica_description    what DescribeTable and UpdateTable return for replicas

This package may import `service_framework.backend_hooks`, but no other simulated service.
"""

from leeward.twin.aws.global_tables.table_replication import GlobalTables, OverwrittenWrite

__all__ = ["GlobalTables", "OverwrittenWrite"]
