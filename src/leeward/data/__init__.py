"""DynamoDB global tables of an application: replicas, replication, write fences, and health switches.

    application_table    the table's name and key, and the packing of its attributes
    replica_status       whether a replica is ready for a failover
    replication_markers  checks that replication has caught up: write in one Region, read in the other
    region_switch        the write fence and health switch of a Region, stored in the application's table

Imports only `common`, so it is independent of drs, traffic, control, Step Functions, and the twin.
"""
