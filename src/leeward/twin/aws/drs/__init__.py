"""Elastic Disaster Recovery, simulated: source servers, replication, snapshots, recovery jobs, failback across Regions.

A world makes one `Drs(seam, account_id)` inside `mock_aws` and uses its methods; everything else is reached through
boto3. Only `twin` and the tests may import this package.

    model, replication, snapshots, limits     what is kept, and what follows from it and the time
    recovery, termination, reversal, jobs     what happens over time
    launching, ec2, enrolment, origins        where it meets moto's EC2
    disks, contact                            what a machine has written, and whether its agent is heard
    plans/                                    native Recovery Plans
    leftovers                                 what is left and billed
    *_views, *_operations                     the API: answers and operations
    backend, world                            the service as moto sees it, and as a world drives it

Sources: botocore's model of `drs`, the DRS API reference and user guide; durations from reports of people who ran it.
"""

from leeward.twin.aws.drs.leftovers import Leftovers
from leeward.twin.aws.drs.limits import Quotas, Timings
from leeward.twin.aws.drs.model import DrsEvent, Job, LaunchedInstance, LaunchSettings, RecoveryInstance, SourceServer
from leeward.twin.aws.drs.world import Drs

__all__ = [
    "Drs",
    "DrsEvent",
    "Job",
    "LaunchSettings",
    "LaunchedInstance",
    "Leftovers",
    "Quotas",
    "RecoveryInstance",
    "SourceServer",
    "Timings",
]
