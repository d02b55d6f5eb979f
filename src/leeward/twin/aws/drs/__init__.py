"""Simulated Elastic Disaster Recovery: source servers, replication, snapshots, recovery jobs, and failback.

Create one `DrsSimulator(hooks, account_id)` inside `mock_aws`. Its methods simulate what happens outside the API. Use
boto3 for everything else.

    drs_simulator         adds servers, outages, faults, and callbacks
    drs_backend           the service that is added to moto
    state                 records of a Region and an account, replication, snapshots, and disks
    source_servers        registration of servers, agent connectivity, and reversed replication
    jobs                  recovery jobs and termination jobs over virtual time
    ec2                   instances that jobs launch in moto's EC2, and billed resources
    plans                 native Recovery Plans
    operations, views     the API: operations and responses
    conventions           identifiers, timestamps, errors, quotas, and timings
    source_instances      power changes of the source servers' EC2 instances

Sources: botocore's model of `drs`, the DRS API reference, and the DRS user guide. The sources of durations are in
`base.assumptions.launch_durations`.
"""

from leeward.twin.aws.drs.conventions.quotas_and_timings import DrsQuotas, DrsTimings, MeasuredTimes
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
    "MeasuredTimes",
    "RecoveryInstance",
    "SourceServer",
]
