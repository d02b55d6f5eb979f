"""How long DRS takes to launch a server and to copy its disks, for plans and for the simulation.

All durations are in seconds. AWS publishes no durations of the phases. These figures rest on the following sources:

- DRS user guide, "Elastic Disaster Recovery Concepts": the RTO is measured in minutes. A recovery job clones the
  replicated volumes and converts them. The average Linux server boots within 5 minutes, and the average Windows server
  within 20 minutes. AWS product page: the RTO is typically 5 to 20 minutes.
- User reports: the conversion and launch of a small Linux server take about 10 minutes together. Reverse replication of
  an 8 GiB volume takes 30 to 45 minutes.
- EBS user guide, "Create Amazon EBS snapshots": a snapshot's duration depends on the modified blocks. AWS knowledge
  center, "ebs-incremental-snapshot-creation-slow": also on the volume's size, and no one can predict it. Application
  Migration Service FAQ, "Replication related": the service takes snapshots regularly so that a launch needs only the
  latest changes.
- EBS user guide, "Initialize Amazon EBS volumes": a volume that is created from a snapshot is usable immediately, and
  loads each block on first access. Launching therefore doesn't copy the disks, and only the first reads are slow.
- re:Post, "Speeding up large EBS volume initialization during AWS MGN migrations": gp3 volumes load at 130 to 140 MB/s.
- re:Post, "Optimizing AWS DRS failback times with high performance EBS volumes": the failback of 1.5 TB took about 28
  hours (72 seconds per GiB).
"""

from __future__ import annotations

# 130 MB/s, the measured rate at which a gp3 volume loads from its snapshot.
FIRST_READ_PER_GIB = 8.3
SNAPSHOT = 60
# Assumed: 1% of the disks has changed since the latest regular snapshot, and is copied at the rate of a first read.
SNAPSHOT_PER_GIB = 0.1
CONVERSION = 300
# Assumed: conversion reads a whole operating system for the first time. AWS doesn't document how much it reads. Which
# disk holds the operating system isn't known here, so all disks count. 30 GiB is the root volume of AWS's Windows AMIs.
CONVERSION_READS_AT_MOST_GIB = 30
# Creating volumes, and starting the instance, doesn't depend on the size.
LAUNCH = 150
# The upper end of the RTO that AWS calls typical.
LONGEST_TYPICAL_RTO = 1200
INITIAL_SYNC = 1500
# Slower than the reported failback. An 8 GiB disk takes 37 minutes, which is within the reports. A 2 TiB disk takes 52
# hours. Set your own time where the network or the replication server is faster.
INITIAL_SYNC_PER_GIB = 90
# Application Migration Service FAQ, "How long does a rescan take?": a rescan reads the disks from start to end.
RESCAN_PER_GIB = FIRST_READ_PER_GIB


def launch_seconds(gib: int) -> float:
    """Return the assumed duration of a recovery job for one server with `gib` GiB of disks, without its boot."""
    read = FIRST_READ_PER_GIB * min(gib, CONVERSION_READS_AT_MOST_GIB)
    return SNAPSHOT + SNAPSHOT_PER_GIB * gib + CONVERSION + read + LAUNCH
