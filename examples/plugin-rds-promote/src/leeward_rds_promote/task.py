"""The Lambda task that promotes a read replica and waits until it is available.

It can be called again after any crash: it looks at the instance before it acts. RDS lists no source for an instance
that isn't a replica (RDS API Reference, "DBInstance": ReadReplicaSourceDBInstanceIdentifier).
"""

from __future__ import annotations

from typing import Any

from leeward.api import (
    Changed,
    NotFound,
    NotReady,
    PollResult,
    RegionalParameters,
    TaskContext,
    WaitingEvent,
    client,
    task,
    translate_errors,
)

# From these states, an instance becomes available without help (RDS User Guide, "Viewing DB instance status").
_CHANGING = ("backing-up", "configuring-enhanced-monitoring", "maintenance", "modifying", "rebooting", "upgrading")


class PromotionParameters(RegionalParameters):
    """The read replica, and its Region."""

    instance: str


@task(WaitingEvent[PromotionParameters])
def handler(event: WaitingEvent[PromotionParameters], context: TaskContext) -> PollResult:
    """Promote the replica, or see how far the promotion is.

    Raises NotFound when there is no such instance, and NotReady for one that can't be promoted.
    """
    parameters = event.parameters
    name, region = parameters.instance, parameters.region or context.region
    rds = client("rds", region)
    status, is_replica = _describe(rds, name, region)
    if status in _CHANGING:
        return PollResult(False, f"{name} in {region} is {status}")
    if status != "available":
        raise NotReady(f"{name} in {region} is {status}. Look at its events in the RDS console, and resume the run")
    if not is_replica:
        return PollResult.reached(Changed(resource=name, region=region, state="takes writes"))
    with translate_errors("rds:PromoteReadReplica"):
        rds.promote_read_replica(DBInstanceIdentifier=name)
    return PollResult(False, f"{name} in {region} is being promoted")


def _describe(rds: Any, name: str, region: str) -> tuple[str, bool]:
    """Return the instance's status, and whether it is a replica. Raises NotFound with the name of the instance."""
    with translate_errors("rds:DescribeDBInstances"):
        found = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        if not found:
            raise NotFound(f"there is no instance {name} in {region}. Correct the component in application.yaml")
        return str(found[0]["DBInstanceStatus"]), bool(found[0].get("ReadReplicaSourceDBInstanceIdentifier"))
