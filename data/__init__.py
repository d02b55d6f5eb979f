"""Data stores that live in both Regions: DynamoDB global tables first.

Looks at replicas and proves that replication has drained; knows nothing of drs, traffic, control, Step Functions or the
twin. `lambdas` may import it; it imports `common` alone.
"""
