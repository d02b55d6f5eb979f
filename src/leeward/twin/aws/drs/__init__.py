"""Simulated Elastic Disaster Recovery: source servers, replication, snapshots, recovery jobs, and failback.

Create one `DrsSimulator(hooks, account_id)` inside `mock_aws`. Its methods do what happens outside the API. Everything
else is reached through boto3.

    drs_simulator         adds servers, outages, and faults
    drs_backend           the service as moto sees it
    state                 records of a Region and an account, replication, snapshots, and disks
    source_servers        registration of servers, agent connectivity, and reversed replication
    jobs                  recovery jobs and termination jobs over time
    ec2                   instances that jobs launch in moto's EC2, and what they leave that is billed
    plans                 native Recovery Plans
    operations, views     the API: operations and responses
    conventions           identifiers, timestamps, errors, quotas, and timings
    source_instances      the EC2 instances of the source servers

Sources: botocore's model of `drs`, the DRS API reference and user guide. Durations come from reports of users.
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
