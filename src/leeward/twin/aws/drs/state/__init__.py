"""What the simulated DRS stores per account and Region: records, disks, replication, snapshots, Region state.

May import conventions.
"""
