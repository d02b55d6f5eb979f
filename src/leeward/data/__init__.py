"""Data stores that live in both Regions: DynamoDB global tables first.

    table        a table and its key; reading and writing an item of it
    replicas     what DynamoDB says of the replicas, held against what a failover needs
    markers      proof that replication has drained: written in one Region, read in the other
    switches     one Region's write fence and health switch, kept in the table of the application that honours them

Knows nothing of drs, traffic, control, Step Functions or the twin. `lambdas` may import it; it imports `common` alone.
"""
