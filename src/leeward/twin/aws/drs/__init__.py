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

from leeward.twin.aws.drs.conventions.quotas_and_timings import DrsQuotas, DrsTimings
from leeward.twin.aws.drs.drs_simulator import DrsSimulator
from leeward.twin.aws.drs.ec2.billed_resources import BilledResources
from leeward.twin.aws.drs.state.drs_records import (
    DrsEvent,
    Job,
    LaunchedInstance,
    LaunchSettings,
    RecoveryInstance,
    SourceServer,
)

__all__ = [
    "BilledResources",
    "DrsEvent",
    "DrsQuotas",
    "DrsSimulator",
    "DrsTimings",
    "Job",
    "LaunchSettings",
    "LaunchedInstance",
    "RecoveryInstance",
    "SourceServer",
]
