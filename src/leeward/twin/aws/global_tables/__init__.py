"""DynamoDB global tables: replicas that follow each other with a lag. moto does not replicate between them.

    write_capture          records every committed write of a table in moto, whichever operation made it
    query_index            secondary indexes that are looked up instead of scanned
    stream_records         a write as a record of the table's stream
    table_replication      carries writes to the other replicas: lag, pauses, Region outages; the last writer wins
    replica_description    what DescribeTable and UpdateTable return for replicas

Imports nothing else of the twin's services, except the hooks of service_framework.
"""

from leeward.twin.aws.global_tables.table_replication import GlobalTables, OverwrittenWrite

__all__ = ["GlobalTables", "OverwrittenWrite"]
