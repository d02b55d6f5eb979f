"""State of the simulated DRS per account and Region: records, disks, replication, and snapshots.

This package may import `conventions`.
"""
