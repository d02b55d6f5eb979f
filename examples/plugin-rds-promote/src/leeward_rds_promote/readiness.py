"""The readiness check: does each read replica replicate now?"""

from __future__ import annotations

from collections.abc import Iterator

from leeward.api import (
    CheckClients,
    NotFound,
    ReadinessCheck,
    ReadinessFinding,
    ReadinessInput,
    failed,
    ok,
    translate_errors,
    warning,
)


def check_replicas(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check each replica in the runbook's target Region."""
    for _, component in inputs.inputs_of("rds.read_replica"):
        yield _check_replica(str(component["instances"][inputs.region]), inputs.region, clients)  # type: ignore[index,call-overload]


def _check_replica(name: str, region: str, clients: CheckClients) -> ReadinessFinding:
    check, subject = "database.replica", f"{name} in {region}"
    try:
        with translate_errors("rds:DescribeDBInstances"):
            found = clients.client("rds", region).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    except NotFound:
        found = []
    if not found:
        return failed(check, subject, "the instance does not exist", "create the read replica, or correct its name")
    instance = found[0]
    if not instance.get("ReadReplicaSourceDBInstanceIdentifier"):
        return failed(check, subject, "the instance is not a read replica", "create a new read replica in this Region")
    if instance["DBInstanceStatus"] != "available":
        return warning(check, subject, f"the instance is {instance['DBInstanceStatus']}", "wait until it is available")
    for info in instance.get("StatusInfos", ()):
        if info.get("StatusType") == "read replication" and not info.get("Normal", True):
            return failed(check, subject, f"the replication is {info.get('Status')}", "see Message in the RDS console")
    return ok(check, subject, "the replica is available and replicates")


CHECK = ReadinessCheck("database", check_replicas)
