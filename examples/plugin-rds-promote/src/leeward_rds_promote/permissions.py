"""What the roles of the promotion and of the readiness check allow, as data."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.api import JsonObject, Permission, ProbedCall, TaskUsage, grant_journal


def grant_promotion(usage: TaskUsage) -> list[Permission]:
    """Return permissions to promote the instances that the runbooks name, and to look at them."""
    return [
        *grant_journal(usage),
        Permission(("rds:DescribeDBInstances", "rds:PromoteReadReplica"), _instance_arns(usage)),
    ]


def probe_promotion(call: ProbedCall) -> Iterator[JsonObject]:
    """Yield the permission that readiness asks IAM about."""
    instance = f"arn:aws:rds:{call.region}:{call.application.account}:db:{call.parameters['instance']}"
    yield call.grant("rds:PromoteReadReplica", [instance])


def grant_readiness(usage: TaskUsage) -> list[Permission]:
    """Return the permission to look at the components' instances in the target Region."""
    region = usage.region_resources.region
    names = sorted(
        component["input"]["instances"][region]
        for call in usage.calls
        for component in call.get("components", ())
        if component["kind"] == "rds.read_replica"
    )
    arns = tuple(f"arn:aws:rds:{region}:{usage.account}:db:{name}" for name in dict.fromkeys(names))
    return [Permission(("rds:DescribeDBInstances",), arns)]


def _instance_arns(usage: TaskUsage) -> tuple[str, ...]:
    regions, names = usage.collect_regions(), usage.collect_values("instance")
    return tuple(f"arn:aws:rds:{region}:{usage.account}:db:{name}" for region in regions for name in names)
